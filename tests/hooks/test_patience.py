"""Who holds a connection without asking anything is let go, so that others are heard."""

from __future__ import annotations

import asyncio

import pytest
import uvicorn
from starlette.applications import Starlette

from connector.hooks import patience
from connector.hooks.patience import Impatient


@pytest.mark.parametrize(
    "sent", [b"", b"POST /intercom HTTP/1.1\r\nHost: x\r\n"], ids=["nothing", "half a head"]
)
def test_who_sends_no_request_is_let_go(monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    """A few hundred such connections used to keep every webhook out."""
    monkeypatch.setattr(patience, "PATIENCE", 0.1)

    async def hold() -> bytes:
        server = uvicorn.Server(
            uvicorn.Config(Starlette(), http=Impatient, lifespan="off", log_config=None, port=0)
        )
        server.config.load()
        server.lifespan = server.config.lifespan_class(server.config)
        await server.startup()
        host, port = server.servers[0].sockets[0].getsockname()
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(sent)
        try:
            return await asyncio.wait_for(reader.read(), 5)
        finally:
            writer.close()
            await server.shutdown()

    assert asyncio.run(hold()) == b""
