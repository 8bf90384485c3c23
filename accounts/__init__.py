"""People: accounts, roles, profiles, signing in."""
