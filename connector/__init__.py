"""What is done: HTTP clients, the sync engine, the command line and the sandbox."""
