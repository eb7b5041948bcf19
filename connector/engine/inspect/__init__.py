"""Looking without touching: forecast, verify, timeline, gaps in the mapping."""
