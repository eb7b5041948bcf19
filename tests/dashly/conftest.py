"""The desk of this side over scripted answers."""

from tests.scripted import dashly, remote

__all__ = ["dashly", "remote"]
