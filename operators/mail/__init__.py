"""Mails that were sent, for those who look after them."""
