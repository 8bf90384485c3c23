"""Figures over time: of a teacher, and of the whole school."""
