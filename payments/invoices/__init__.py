"""Invoices: numbered without gaps for each teacher and year, and never changed afterwards."""
