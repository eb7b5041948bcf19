"""The sync engine: observe, plan (a pure function), apply (a plain loop)."""
