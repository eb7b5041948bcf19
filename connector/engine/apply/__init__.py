"""Carrying out a plan, action by action."""
