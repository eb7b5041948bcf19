"""What the helpdesks tell by themselves, taken as a hint to look sooner and never as data."""
