"""The shapes of both wire formats: lenient on the way in, unknown fields and values kept."""
