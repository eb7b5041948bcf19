"""Finding pairs that the state file does not know: rebuild, adopt, link."""
