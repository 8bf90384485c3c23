"""The page on which the owner of an address says whether the lessons are theirs that were entered for it."""
