"""Writing once in effect, and who stands for a customer on the other side."""
