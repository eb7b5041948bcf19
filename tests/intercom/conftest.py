"""The desk of this side over scripted answers."""

from tests.scripted import intercom, open_desk, remote

__all__ = ["intercom", "open_desk", "remote"]
