"""Lists of people and gigs from elsewhere, as CSV: first what each line would do, then all of it or nothing."""
