"""The start page, which answers "what now?" for whoever opens it."""
