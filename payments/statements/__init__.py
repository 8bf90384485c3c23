"""Statements: the ledger of a person's lessons row by row, with the balance after each."""
