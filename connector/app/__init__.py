"""The use cases, typed: the command line and the tests call these, and nothing below them."""
