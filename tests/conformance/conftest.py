"""Every desk over real HTTP against the emulators: Dashly, and Intercom in both generations."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from connector.config.model import Config
from connector.http.pace import MemoryRequestLog
from connector.sandbox import Sandbox, World, start
from connector.wiring import Wiring, open_dashly, open_intercom
from mappings.model import Side
from tests.clock import VirtualClock
from tests.scripted import dashly, intercom, open_desk, remote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connector.dashly.helpdesk import DashlyHelpdesk
    from connector.helpdesk.port import Helpdesk
    from connector.intercom.helpdesk import IntercomHelpdesk
    from connector.sandbox.desk import Desk

__all__ = ["dashly", "intercom", "open_desk", "remote"]  # fixtures

GENERATIONS = ("dashly", "intercom 2.16", "intercom 1.4", "intercom 1.0")


@dataclass(frozen=True)
class Rig:
    """One desk, the people on its side, and how to open it again in another way."""

    desk: Helpdesk
    people: Desk
    world: World
    side: Side
    open: Callable[..., Helpdesk]

    @property
    def seen(self) -> list[str]:
        """What the emulator was asked."""
        return [f"{r.method} {r.path}" for r in self.world.requests(self.side.value)]

    def talk(self, text: str = "Hello", name: str = "Ines") -> tuple[str, str]:
        """Let a customer begin a conversation and return both ids."""
        customer = self.people.customer(name, email=f"{name.lower()}@example.net")
        return customer, self.people.customer_starts(customer, text)


def _config(sandbox: Sandbox, generation: str) -> Config:
    version = generation.rpartition(" ")[2] if " " in generation else "2.16"
    return Config.model_validate(
        {
            "dashly": {
                "base_url": sandbox.dashly.base_url,
                "app_id": sandbox.dashly.app_id,
                "requests_per_minute": 5_000,
            },
            "intercom": {
                "base_url": sandbox.intercom.base_url,
                "api_version": version,
                "tag_api_version": "2.16",
                "default_admin": "814860",
            },
        }
    )


@pytest.fixture(params=GENERATIONS)
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """A desk of each kind over a served sandbox with staff and without conversations."""
    generation: str = request.param
    with ExitStack() as stack:
        world = World(dashly_limit=5_000)
        sandbox = stack.enter_context(start(world=world))
        config = _config(sandbox, generation)
        clock = VirtualClock(world.clock.now())
        clock.drive(world)

        def run(*, read_only: bool = False, token: str = "") -> Helpdesk:
            wiring = Wiring(clock, read_only=read_only)
            if generation == "dashly":
                secret = SecretStr(token or sandbox.dashly.token)
                desk: DashlyHelpdesk | IntercomHelpdesk = open_dashly(
                    config, secret, MemoryRequestLog(), wiring
                )
            else:
                desk = open_intercom(config, SecretStr(token or sandbox.intercom.token), wiring)
            stack.callback(desk.close)
            return desk

        side = Side(generation.partition(" ")[0])
        yield Rig(run(), world.desk(side.value), world, side, run)
