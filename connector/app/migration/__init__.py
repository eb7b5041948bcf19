"""Migrating history from one side to the other, with a person watching."""
