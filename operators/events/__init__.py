"""The log of events, for programs of the school."""
