"""Notes of teachers about their students: for themselves, or for the two of them."""
