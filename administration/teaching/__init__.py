"""The teachers of the school: who asks, who is approved, and who is not any more."""
