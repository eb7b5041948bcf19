"""Which past conversations a backfill carries: what was asked for, whether it is possible, in which order."""
