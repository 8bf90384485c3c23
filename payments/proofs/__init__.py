"""Proofs of payment: a picture or a PDF that a student hands in with a payment."""
