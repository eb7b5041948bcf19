"""Exports: the conversations of one side in a file, written to be cut off and read with suspicion."""
