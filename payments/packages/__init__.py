"""Packages: several lessons of a gig that are paid in advance, and what is left of them."""
