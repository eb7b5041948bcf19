"""Planning: pure functions from what is known of one conversation to the actions that align it."""
