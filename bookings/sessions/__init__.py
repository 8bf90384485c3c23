"""Sessions: the times of a group that its teacher has set, with places and a roster."""
