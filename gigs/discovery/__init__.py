"""What leads people to gigs that they have not searched for."""
