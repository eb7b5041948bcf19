"""A small server that hears Intercom's webhooks and leaves hints; it needs the extra `hooks`."""
