"""One open state file: opening it, the only two ways to touch it, and what can keep it from being used."""
