"""Backups: everything that people entered in one file, and back from it into either kind of database."""
