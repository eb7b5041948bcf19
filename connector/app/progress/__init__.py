"""How far long work is: counted while it goes on, and kept for who asks from another process."""
