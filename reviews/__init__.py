"""Reviews: what students say about lessons, and what teachers reply."""
