"""Between HTML and plain text."""
