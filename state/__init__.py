"""What is remembered: one SQLite file per pair of workspaces."""
