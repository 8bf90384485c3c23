"""Weekly series of lessons."""
