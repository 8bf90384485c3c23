"""A gig in a frame on the school's own website."""
