"""What things mean: the neutral model, both wire formats, the mapping tables and text. Pure functions only."""
