"""A gig with its reviews and free times, and asking for a lesson of it."""
