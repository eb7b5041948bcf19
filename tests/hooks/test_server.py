"""The server's answers to what nobody foresaw, without a process of its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx

from connector.hooks.server import application

if TYPE_CHECKING:
    import pytest

    from connector.hooks.receivers import Receiver


class Broken:
    """A folder of pairs that cannot be asked."""

    def find(self, path: str) -> Receiver | None:
        """Fail as no code should."""
        raise ZeroDivisionError(f"about {path}")


def test_a_fault_of_ours_is_told_once_in_a_while(caplog: pytest.LogCaptureFixture) -> None:
    """Intercom repeats what was answered with 500; the log names the error, and quotes nothing."""

    async def call() -> list[int]:
        wire = httpx.ASGITransport(application(Broken()))
        async with httpx.AsyncClient(transport=wire, base_url="http://hooks") as client:
            return [(await client.post("/intercom", content=b"{}")).status_code for _ in range(3)]

    answers = asyncio.run(call())

    assert answers == [500] * 3
    assert [record.message for record in caplog.records if record.name.startswith("connector")] == [
        "hook.broken"
    ]
    assert "about" not in caplog.text
