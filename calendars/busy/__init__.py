"""Busy calendars: feeds from elsewhere that say when a teacher has no time."""
