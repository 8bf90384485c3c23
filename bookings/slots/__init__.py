"""When lessons can be booked: free times of a gig, gigs that are free at a time, and the week to choose from."""
