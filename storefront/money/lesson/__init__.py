"""The money of one lesson: how to pay it, and what was paid."""
