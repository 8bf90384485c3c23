"""How gigs are found and sorted."""
