"""Documents about money on paper: what all of their PDFs have in common."""
