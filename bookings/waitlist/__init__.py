"""Waiting for a place in a lesson that is full or taken."""
