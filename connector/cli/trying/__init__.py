"""The commands for whoever tries the connector out, without an account on either side."""
