"""Recognising our own writes and copies by marker or fingerprint."""
