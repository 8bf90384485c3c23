"""Mails: what they say and how they look, where they go, and which were sent."""
