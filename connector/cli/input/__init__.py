"""What commands are given: options, times, choices, signals, the machine."""
