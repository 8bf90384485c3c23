"""What operators do about jobs: look at them, have dead ones tried again, run them by hand."""
