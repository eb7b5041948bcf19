"""The use cases, typed: what the command line and the tests call, and nothing below."""
