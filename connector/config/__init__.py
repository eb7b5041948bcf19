"""The configuration file and the tokens."""
