"""The schema and its numbered migrations."""
