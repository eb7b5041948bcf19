"""What the use cases take from the machine: clock, network, the state file and its lock, hints, exports."""
