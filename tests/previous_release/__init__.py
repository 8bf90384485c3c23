"""The previous release, which has to go on working while a newer one has migrated its database."""
