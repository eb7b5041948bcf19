"""Care for the state file: backups, restoring, erasure, checking."""
