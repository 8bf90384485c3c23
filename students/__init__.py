"""A teacher's students: who they are, their lessons at a glance, and notes about them."""
