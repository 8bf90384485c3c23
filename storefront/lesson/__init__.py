"""A lesson with its history and its review."""
