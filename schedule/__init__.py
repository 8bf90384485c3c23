"""Availability: when teachers can be booked, and the arithmetic of free time."""
