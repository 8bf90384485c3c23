"""Holidays of the school: entering them, and what becomes of the lessons on these days."""
