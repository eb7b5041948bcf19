"""Short stories that people play on both helpdesks, act by act, with the command that follows each act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.sandbox.exchange import Upload
from connector.sandbox.staging import picture
from tests.faults.lab import IC, ILYA_THERE, NORA, NORA_THERE, D

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.lab import Lab, Ran

PAPER = Upload("paper.txt", b"words on paper\n", "text/plain")


@dataclass(frozen=True)
class Act:
    """What people do, and what is run after it."""

    people: Callable[[Lab], None]
    command: Callable[[Lab], Ran]


def _mirror(lab: Lab, side: str) -> str:
    """Return the conversation on a side that was begun through the API."""
    talks = lab.world.truth()[side]["conversations"]
    return next(t["id"] for t in talks if (t.get("source") or t["parts"][0])["via"] == "api")


def _original(lab: Lab, side: str) -> str:
    talks = lab.world.truth()[side]["conversations"]
    return next(t["id"] for t in talks if (t.get("source") or t["parts"][0])["via"] == "human")


def dashly_opens(lab: Lab) -> None:
    """A customer writes on Dashly; an agent notes, answers with a file, and tags."""
    desk = lab.world.dashly
    talk = desk.customer_starts(desk.customer("Eva", email="eva@example.org", user_id="acct-1"), "My order?")
    desk.agent_notes(talk, "secret: a known case", agent=NORA)
    desk.agent_writes(talk, "Here it is", agent=NORA, attachments=[picture("a.png")])
    desk.customer_writes(talk, "ok")
    desk.customer_writes(talk, "ok")
    desk.tag(talk, "VIP", agent=NORA)


def dashly_ends(lab: Lab) -> None:
    """A teammate answers in the mirror; the agent closes."""
    lab.world.intercom.agent_writes(_mirror(lab, "intercom"), "From far away", agent=NORA_THERE)
    lab.time.sleep(2)
    lab.world.dashly.close(_original(lab, "dashly"), agent=NORA)


def intercom_opens(lab: Lab) -> None:
    """A contact writes on Intercom; a teammate notes, takes it, and snoozes."""
    desk = lab.world.intercom
    talk = desk.customer_starts(
        desk.customer("Max", email="max@example.org"), "Signed out", attachments=[PAPER]
    )
    desk.agent_notes(talk, "secret: look at the log", agent=NORA_THERE)
    desk.assign(talk, NORA_THERE, agent=NORA_THERE)
    desk.snooze(talk, lab.time.now() + 10 * 86_400, agent=NORA_THERE)


def intercom_ends(lab: Lab) -> None:
    """An operator answers in the mirror; the contact thanks, a teammate closes."""
    lab.world.dashly.agent_writes(_mirror(lab, "dashly"), "Try again", agent=NORA)
    lab.time.sleep(2)
    talk = _original(lab, "intercom")
    lab.world.intercom.customer_writes(talk, "Thanks", attachments=[picture("b.png")])
    lab.time.sleep(2)
    lab.world.intercom.close(talk, agent=NORA_THERE)


def past(lab: Lab) -> None:
    """Old conversations lie on both sides."""
    then = lab.time.now() - 10 * 86_400
    desk = lab.world.dashly
    talk = desk.customer_starts(desk.customer("Ida", email="ida@example.org"), "An old one", created=then)
    desk.agent_writes(talk, "An old answer", agent=NORA, created=then + 60)
    desk.agent_notes(talk, "secret: an old note", agent=NORA, created=then + 120)
    desk.close(talk, agent=NORA, created=then + 180)
    there = lab.world.intercom
    contact = there.customer("Tom", email="tom@example.org", created=then)
    other = there.customer_starts(contact, "Old over there", created=then)
    there.agent_writes(other, "Answered long ago", agent=ILYA_THERE, created=then + 60)
    there.close(other, agent=NORA_THERE, created=then + 120)


def past_goes_on(lab: Lab) -> None:
    """Customers come back to the old conversations."""
    lab.world.dashly.customer_writes(_original(lab, "dashly"), "I am back")
    lab.world.intercom.customer_writes(_original(lab, "intercom"), "Back as well")


def _sync(lab: Lab) -> Ran:
    return lab.sync()


def _backfill_dashly(lab: Lab) -> Ran:
    return lab.backfill(D)


def _backfill_intercom(lab: Lab) -> Ran:
    return lab.backfill(IC)


def _idle(_lab: Lab) -> None:
    """Nobody does anything."""


STORIES: dict[str, tuple[Act, ...]] = {
    "dashly": (Act(dashly_opens, _sync), Act(dashly_ends, _sync)),
    "intercom": (Act(intercom_opens, _sync), Act(intercom_ends, _sync)),
    "past": (Act(past, _backfill_dashly), Act(_idle, _backfill_intercom), Act(past_goes_on, _sync)),
}
