"""Places that students apply for, and what they do in them: applications, assignments, tasks, submissions.

The word of pages for an assignment is "course".
"""
