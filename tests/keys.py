"""The secret of every pair that tests make."""

KEY = b"the key of a pair made by tests."
