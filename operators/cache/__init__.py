"""The cache: its state, its numbers, and commands."""
