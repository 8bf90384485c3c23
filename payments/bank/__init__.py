"""What a bank's file says: its lines are matched with payments that wait to be checked."""
