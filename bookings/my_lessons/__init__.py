"""A person's own lessons, as their list and the start page show them."""
