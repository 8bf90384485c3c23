"""Gigs: what teachers offer, and how it is found."""
