"""What is remembered: one SQLite file, or one schema of PostgreSQL, per pair of workspaces."""
