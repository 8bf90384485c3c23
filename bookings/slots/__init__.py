"""When lessons can be booked: free times of a gig, and gigs that are free at a time."""
