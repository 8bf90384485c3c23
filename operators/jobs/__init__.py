"""What operators do about jobs: look at them, try dead ones again or forget them, run them."""
