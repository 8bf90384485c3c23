"""How a gig and a person are doing: views, lessons, hours and money."""
