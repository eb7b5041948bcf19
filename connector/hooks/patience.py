"""Connections that are let go when no request comes over them: who only holds them would keep others out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio

    from mappings.model import Seconds

PATIENCE: Seconds = 10.0
"""For the head of a request, and for a whole body: who sends it slower is no webhook."""


class Impatient(H11Protocol):
    """A connection of the server, which has no limit of its own for the head of a request."""

    _hurry: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._hurry = self.loop.call_later(PATIENCE, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        if self._hurry is not None:
            self._hurry.cancel()
        super().connection_lost(exc)

    def _look(self) -> None:
        """Let go of a connection without a request under way; look again at one that has."""
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()
        else:
            self._hurry = self.loop.call_later(PATIENCE, self._look)
