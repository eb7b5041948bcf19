"""One run: poll, work the queue off, sweep, report."""
