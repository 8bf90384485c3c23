"""What teachers type about gigs, kept before they save it."""
