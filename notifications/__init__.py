"""What people are told, in a list behind a bell and by mail, and what each of them chose about it."""
