"""What every step of one run shares: its report, its limits, its notices."""
