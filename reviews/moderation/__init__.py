"""Moderation: those who run the school hide reviews, and show them again."""
