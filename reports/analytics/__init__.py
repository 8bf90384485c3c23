"""How the school is doing: series of days, weeks, months, quarters or years."""
