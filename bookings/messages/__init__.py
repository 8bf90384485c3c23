"""What the two people of a lesson write to each other beside it."""
