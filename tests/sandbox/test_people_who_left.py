"""Operators who left: off the list, still named by what they did, refused in new writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connector.sandbox.switches import DashlySwitches, FormerAdmin, IntercomSwitches

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.conftest import Served

NORA, ILYA = "814860", "814872"
NORA_THERE = "151204"


@pytest.mark.parametrize(
    ("reading", "status"),
    [(FormerAdmin.NOT_FOUND, 404), (FormerAdmin.INVALID, 400), (FormerAdmin.FORBIDDEN, 403)],
)
@pytest.mark.parametrize("version", ["2.16", "1.4"])
def test_intercom_refuses_who_left_as_author_and_as_assignee(
    serve: Callable[..., Served], reading: FormerAdmin, status: int, version: str
) -> None:
    """Old parts and the assignment stay; the list has one less."""
    served = serve(intercom_switches=IntercomSwitches(former_admin=reading))
    desk = served.world.intercom
    _, talk = served.customer_talk()
    part = desk.agent_writes(talk, "hi", agent=NORA, take=True)
    desk.agent_leaves(NORA)
    served.as_version(version)

    write = {"type": "admin", "admin_id": NORA, "message_type": "comment", "body": "x"}
    assignment = {"type": "admin", "admin_id": ILYA, "message_type": "assignment", "assignee_id": NORA}
    path = f"/conversations/{talk}/reply"
    written = served.intercom.post(path, json=write)
    assigned = served.intercom.post(
        path if version == "1.4" else path.replace("reply", "parts"), json=assignment
    )

    assert (status, status) == (written.status_code, assigned.status_code)
    assert NORA not in [admin["id"] for admin in served.intercom.get("/admins").json()["admins"]]
    (shown,) = served.intercom.get(f"/conversations/{talk}").json()["conversation_parts"][
        "conversation_parts"
    ]
    assert (part, "Nora Field") == (
        shown["id"],
        served.as_version("2.16")
        .get(f"/conversations/{talk}")
        .json()["conversation_parts"]["conversation_parts"][0]["author"]["name"],
    )
    assert [admin["id"] for admin in served.world.truth()["intercom"]["admins"] if admin["left"]] == [NORA]


@pytest.mark.parametrize("accepted", [True, False])
def test_dashly_may_refuse_who_left(serve: Callable[..., Served], accepted: object) -> None:
    """Off every channel; a write and an assignment are LookupErrors, or not."""
    served = serve(dashly_switches=DashlySwitches(former_operator_accepted=bool(accepted)))
    desk = served.world.dashly
    talk = desk.customer_starts(desk.customer("Dana"), "Hi")
    desk.agent_writes(talk, "hello", agent=NORA_THERE, take=True)
    desk.agent_leaves(NORA_THERE)

    reply = served.dashly.post(f"/conversations/{talk}/reply", data={"body": "x", "from_admin": NORA_THERE})
    assign = served.dashly.post(
        f"/conversations/{talk}/assign", data={"admin": NORA_THERE, "from_admin": "default_admin"}
    )

    wanted = None if accepted else "LookupError"
    assert [wanted] * 2 == [answer.json()["meta"].get("error") for answer in (reply, assign)]
    channels = served.dashly.get("/apps/48213/channels").json()["data"]
    assert NORA_THERE not in {admin["id"] for channel in channels for admin in channel["operators"]}
    assert NORA_THERE not in desk.agents()
    shown = served.dashly.get(f"/conversations/{talk}").json()["data"]
    assert (shown["assignee"]["id"], shown["assignee"]["name"]) == (NORA_THERE, "Nora Field")
    assert [item["id"] for item in served.world.truth()["dashly"]["admins"] if item["left"]] == [NORA_THERE]
