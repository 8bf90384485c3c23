"""A month's money: a teacher's, and the school's."""
