"""The people of the school: what they have, and what is done about their accounts."""
