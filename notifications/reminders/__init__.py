"""Reminders of lessons that begin soon."""
