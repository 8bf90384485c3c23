"""Invitations by mail: those who run the school let somebody open an account, with a role."""
