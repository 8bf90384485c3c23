"""Two-factor sign-in: beside the password, a code from an app on its owner's phone."""
