"""Where a state is, and the only two ways to touch it, whatever it is kept in."""
