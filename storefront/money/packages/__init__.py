"""Packages of lessons: offering them for a gig, buying one, and what is left of it."""
