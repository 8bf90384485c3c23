"""What the previous release says to a database, which has to go on working while a newer one has migrated it."""
