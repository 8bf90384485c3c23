"""Pages that show several features at once."""
