"""What the lessons of a month have brought: to a teacher, and to the school."""
