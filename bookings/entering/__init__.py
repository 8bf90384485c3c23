"""Lessons that are entered for a student, because the two have agreed already."""
