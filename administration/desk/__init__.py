"""The desk of those who run the school: what needs a look, and all gigs."""
