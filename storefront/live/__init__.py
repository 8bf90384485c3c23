"""Open pages follow what others change: what they watch, and how they find out."""
