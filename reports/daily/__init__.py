"""What happened at the school on one day."""
