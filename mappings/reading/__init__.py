"""From the wire to the neutral model."""
