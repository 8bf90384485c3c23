"""All about one person, given to them or taken away, and all data, copied into another database."""
