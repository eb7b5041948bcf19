"""The state of a pair in a schema of PostgreSQL, for pairs that more than one host may run."""
