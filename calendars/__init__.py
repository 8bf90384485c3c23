"""Calendars: a person's lessons by day, week and month, and the feed for calendar programs."""
