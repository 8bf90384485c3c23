"""What operators do about jobs: look at them, have dead ones tried again or forget them, run them by hand."""
