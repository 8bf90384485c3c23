"""The school's own settings, as administrators change them."""
