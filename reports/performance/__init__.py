"""How a teacher's lessons of a day, a week, a month, a quarter or a year went."""
