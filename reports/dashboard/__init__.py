"""What stands out now, for a teacher, a student and an administrator."""
