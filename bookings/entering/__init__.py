"""Lessons that a teacher or an administrator enters for a student, because the two have agreed already."""
