"""The main job end to end, played on the sandbox."""
