"""Signing in: passwords, tokens, and who is asking."""
