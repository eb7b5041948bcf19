"""The control interface over HTTP."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.conftest import Served


@pytest.fixture
def order(served: Served) -> Callable[..., Any]:
    """Return a function that sends one command to a side's server."""

    def run(server: str, command: str, /, **arguments: object) -> object:
        url = getattr(served.sandbox, server).base_url
        answer = getattr(served, server).post(f"{url}/__control__/{command}", json=arguments)
        return answer.json()["result"] if answer.status_code == 200 else answer

    return run


@pytest.mark.parametrize("side", ["dashly", "intercom"])
def test_people_act_over_http(order: Callable[..., Any], side: str) -> None:
    """Every action of a desk is a command with its parameters as JSON."""
    file = {"name": "a.txt", "data": base64.b64encode(b"abc").decode()}
    customer = order(side, "customer", name="Dana", email="dana@example.org")
    talk = order(side, "customer_starts", customer=customer, body="Hi", attachments=[file])
    order(side, "agent_writes", conversation=talk, body="Hello")
    order(side, "agent_notes", conversation=talk, body="psst")
    order(side, "tag", conversation=talk, name="vip")
    order(side, "close", conversation=talk)
    (seen,) = order(side, "truth")[side]["conversations"]
    kinds = [part["type"] for part in seen["parts"]]
    assert {"note"} < set(kinds)
    assert [file["size"] for file in (seen.get("source") or seen["parts"][0])["attachments"]] == [3]
    assert [item["text"] for item in order(side, "notifications")] == ["Hello"]


def test_one_server_can_act_on_the_other_side(order: Callable[..., Any], served: Served) -> None:
    """A member `side` chooses."""
    customer = order("intercom", "customer", side="dashly", name="Dana")
    assert customer in [user["id"] for user in served.world.truth()["dashly"]["users"]]


def test_time_and_faults_are_commands(order: Callable[..., Any], served: Served) -> None:
    """The clock moves, rules are set, requests are read back."""
    before = served.world.clock.now()
    assert order("dashly", "advance", seconds=3600) >= before + 3600
    order("dashly", "skew", side="intercom", seconds=5)
    order("intercom", "faults", rules=[{"kind": "status", "status": 418}])
    assert served.intercom.get("/me").status_code == 418
    order("intercom", "clear_faults")
    assert [entry["path"] for entry in order("intercom", "requests")] == ["/me"]
    assert served.world.intercom.state.clock.skew == 5


@pytest.mark.parametrize("command", ["nonsense", "_talk", "state", "advance"])
def test_wrong_commands_are_refused(order: Callable[..., Any], command: str) -> None:
    """Unknown names, inner ones and missing arguments answer 400."""
    assert order("dashly", command).status_code == 400


def test_a_sandbox_closes_with_open_connections(served: Served) -> None:
    """Clients that keep a connection do not keep the server."""
    served.intercom.get("/me")
    served.sandbox.close()
    with pytest.raises(httpx.TransportError):
        served.intercom.get("/me")
