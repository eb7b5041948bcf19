"""What the engine asks of a helpdesk: the port, the vocabulary of writes, history queries."""
