"""Taking back what a run made, where nobody else has touched it."""
