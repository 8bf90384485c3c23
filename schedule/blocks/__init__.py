"""Blocks: time that a teacher does not offer, an hour or some days, with a note for themselves."""
