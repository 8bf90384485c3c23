"""The page on which the owner of an address says whether lessons are theirs."""
