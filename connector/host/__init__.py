"""What this machine gives: time, the lock, the disk, the log."""
