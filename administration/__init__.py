"""What those who run the school do to people, gigs, lessons and settings, on the pages under /admin."""
