"""The directory of teachers as a page."""
