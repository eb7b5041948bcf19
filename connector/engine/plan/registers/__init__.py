"""Registers: what each side shows of status, assignee, team and tags, merged three ways."""
