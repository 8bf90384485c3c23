"""Asking for a place in a gig, and the answer."""
