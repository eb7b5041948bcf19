"""How tests begin conversations in the lab, and what programs and people then said in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.outcome import plain

if TYPE_CHECKING:
    from tests.faults.lab import Lab

DAY = 86_400.0


def parts(lab: Lab, side: str, *, via: str = "api") -> list[dict[str, Any]]:
    """Return the parts with words of a side that people or programs made, conversation by conversation."""
    found = []
    for talk in lab.world.truth()[side]["conversations"]:
        found += [talk["source"]] if "source" in talk else []
        found += talk["parts"]
    return [part for part in found if part["via"] == via and (part["body"] or part["attachments"])]


def bodies(lab: Lab, side: str, *, via: str = "api") -> list[str]:
    """Return what those parts say."""
    return [plain(part["body"]) for part in parts(lab, side, via=via)]


def told(lab: Lab, side: str, text: str) -> int:
    """Return how often a text is in what programs wrote on a side."""
    return sum(body.count(text) for body in bodies(lab, side))


def begin(lab: Lab, side: str = "dashly", text: str = "question.") -> str:
    """Let a customer begin a conversation and return its id."""
    desk = lab.world.desk(side)
    return desk.customer_starts(desk.customer("Eva", email="eva@example.org"), text)


def mirror(lab: Lab, side: str, number: int = 0) -> str:
    """Return a conversation that we made on a side."""
    talks = lab.world.truth()[side]["conversations"]
    return [t["id"] for t in talks if (t.get("source") or t["parts"][0])["via"] == "api"][number]
