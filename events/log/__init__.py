"""The log of what happened, which other programs read from where they stopped."""
