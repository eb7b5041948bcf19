"""All pairs of a folder in one process: who is due, who rests, and how each of them is."""
