"""Counts over the ledger and the log of runs."""
