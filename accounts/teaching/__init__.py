"""Which teachers the school has approved, where it lets only those publish gigs."""
