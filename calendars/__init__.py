"""Calendars: lessons by day, week and month, and the feed for programs."""
