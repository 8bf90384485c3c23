"""Whether all is as it should be in a database, whatever has happened to it."""
