"""Which past conversations a backfill carries: what was asked for, whether it can be, and in which order."""
