"""The iCalendar feed."""
