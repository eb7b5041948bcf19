"""What things mean: the neutral model, both wire formats, the mapping tables, text. Pure functions."""
