"""Pages of money: what is open, how to pay it, what has come, and a month."""
