"""Fetching files that a side names, carefully, to the disk."""
