"""Who is told what: the table, the work that tells them, and the words."""
