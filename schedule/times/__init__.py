"""The arithmetic of time: from a teacher's rules to the starts that can be booked."""
