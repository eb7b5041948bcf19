"""The Intercom emulator: REST API 2.x and 1.x, and the Inbox."""
