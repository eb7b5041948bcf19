"""How far long work is: counted while it runs, and kept for whoever asks from another process."""
