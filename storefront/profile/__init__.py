"""One's own profile, with the password and the calendar feed."""
