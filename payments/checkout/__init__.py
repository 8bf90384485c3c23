"""Paying by card on a page that a provider hosts, whose signed notices say what became of it."""
