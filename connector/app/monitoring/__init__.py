"""What follows the end of a run: what is new, metrics, alerts."""
