"""One fleet on several hosts: what they share in PostgreSQL, and how passes are shared out."""
