"""What students hand in for a task, version by version, and what their teacher says about it."""
