"""What the helpdesks push, taken as a hint to look sooner and never as data."""
