"""How a teacher wants to be paid: a few words, and an account for transfers."""
