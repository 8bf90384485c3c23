"""Who has given, and who has taken most lessons, of those who want to be seen there."""
