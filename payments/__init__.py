"""Money for lessons: a ledger to which rows are only added, and what it says is owed."""
