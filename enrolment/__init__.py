"""Places that students apply for, and what is done there.

The word of pages for an assignment is "course".
"""
