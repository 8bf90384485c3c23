"""Places that students have: who works with whom, since when, and how it ended."""
