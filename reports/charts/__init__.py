"""How the school is doing, period by period, as charts and tables."""
