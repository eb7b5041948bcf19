"""A served sandbox per test and plain HTTP clients for both sides."""

from __future__ import annotations

import ssl
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from connector.sandbox import Sandbox, World, start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


UNUSED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""One context for all the clients, since making one takes longer than most tests."""


@dataclass(frozen=True)
class Served:
    """A running sandbox with one client per side."""

    sandbox: Sandbox
    world: World
    dashly: httpx.Client
    intercom: httpx.Client

    def customer_talk(self, body: str = "Hello", **details: Any) -> tuple[str, str]:
        """Let a contact begin a conversation on Intercom and return both ids."""
        contact = self.world.intercom.customer(**{"name": "Ines", "email": "ines@example.net", **details})
        return contact, self.world.intercom.customer_starts(contact, body)

    def as_version(self, version: str) -> httpx.Client:
        """Let the Intercom client speak another version."""
        self.intercom.headers["Intercom-Version"] = version
        return self.intercom


@pytest.fixture
def serve() -> Iterator[Callable[..., Served]]:
    """Return a function that serves a world made with the given arguments."""
    with ExitStack() as stack:

        def run(**arguments: Any) -> Served:
            sandbox = stack.enter_context(start(world=World(**arguments)))
            dashly = httpx.Client(
                verify=UNUSED,
                base_url=f"{sandbox.dashly.base_url}/v2",
                headers={"Authorization": f"Token {sandbox.dashly.token}"},
                params={"id_as_string": "true"},
            )
            intercom = httpx.Client(
                verify=UNUSED,
                base_url=sandbox.intercom.base_url,
                headers={"Authorization": f"Bearer {sandbox.intercom.token}", "Intercom-Version": "2.16"},
            )
            stack.enter_context(dashly)
            stack.enter_context(intercom)
            return Served(sandbox, sandbox.world, dashly, intercom)

        yield run


@pytest.fixture
def served(serve: Callable[..., Served]) -> Served:
    """Return a running sandbox with staff but without conversations."""
    return serve()
