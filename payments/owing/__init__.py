"""What is open: a student's lessons that are to be paid, and a teacher's that nobody has paid yet."""
