"""What both helpdesks have in common over HTTP: time, counts, lists, files, connections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from connector.helpdesk.port import File, Usage
    from connector.http.files.download import Downloader
    from connector.http.lists import Lists
    from connector.http.stack import Meters
    from mappings.model import Attachment, Seconds


class Client(Protocol):
    """What the client of either side has."""

    lists: Lists

    def close_connections(self) -> None:
        """Close the connections to the side."""


class HttpHelpdesk:
    """The part of ``Helpdesk`` that does not depend on which side it is."""

    def __init__(self, client: Client, downloader: Downloader, meters: Meters) -> None:
        self.usage: Usage = meters.tally
        self.meters = meters
        self._lists = client.lists
        self._close_connections = client.close_connections
        self._downloader = downloader

    @property
    def width(self) -> float:
        """Return how many requests under way use up what the side allows."""
        return self.meters.tally.latency * self.meters.rate()

    @property
    def passed_over(self) -> int:
        """Return how many rows of lists had no id and were passed over."""
        return self._lists.passed_over

    @property
    def lists_cut(self) -> int:
        """Return how many lists were given up before their end."""
        return self._lists.cut

    @property
    def lists_refused(self) -> tuple[str, ...]:
        """Return which lists the token may not see."""
        return self._lists.refused

    def now(self) -> Seconds:
        """Return the server's time."""
        return self.meters.server_time.now()

    def told_time(self) -> Seconds | None:
        """Return the time by the answers' Date headers; None when none of them had one."""
        reading = self.meters.server_time.reading()
        return None if reading is None else reading.time

    def download(self, attachment: Attachment) -> File:
        """Fetch a file that the side named."""
        return self._downloader.fetch(attachment)

    def release(self, file: File) -> None:
        """Remove a downloaded file from the disk."""
        self._downloader.release(file)

    def close(self) -> None:
        """Close the connections."""
        self._close_connections()
        self._downloader.close()
