"""The page on which a lesson is entered for a student, or an hour blocked."""
