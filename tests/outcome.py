"""What both helpdesks hold in the end, told so that two worlds can be compared."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.sandbox import World

HOUR = 3600


def plain(body: object) -> str:
    """Return a text without markup and without the ids that differ from world to world."""
    text = re.sub(r"<[^>]*>", " ", str(body or ""))
    text = re.sub(r"\d{15,}|[0-9a-f]{24}", "ID", text)
    text = re.sub(r"sync-[a-z2-7]{24}", "sync-ID", text)  # keyed: another in each place
    text = re.sub(r"http://\S+", "LINK", text)
    return " ".join(text.split())


def timeless(body: object) -> str:
    """Return a plain text without the times that are in it: for worlds that began at different times."""
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?", "TIME", plain(body))


def outcome(world: World, *, since: float, words: Callable[[object], str] = plain) -> list[Any]:
    """Return what both sides hold, without ids, times and what only the path there decides.

    ``since`` is when the world began: a time to wake up is told in whole hours after it.
    """
    truth = world.truth()
    told = _Telling(since, words)
    found = [told.talk(side, talk) for side in Side for talk in truth[side.value]["conversations"]]
    people = [("user", plain(user["user_id"])) for user in truth["dashly"]["users"]]
    people += [("contact", plain(contact["external_id"])) for contact in truth["intercom"]["contacts"]]
    notes = [(note.side, note.via, words(note.text)) for note in world.notifications()]
    return [sorted(found, key=repr), sorted(people, key=repr), sorted(notes)]


class _Telling:
    def __init__(self, since: float, words: Callable[[object], str]) -> None:
        self._since = since
        self._words = words

    def talk(self, side: Side, talk: dict[str, Any]) -> tuple[Any, ...]:
        said = [talk["source"]] if talk.get("source") else []
        parts = [*said, *talk["parts"]]
        lines = [self._line(part) for part in parts if part["body"] or part["attachments"]]
        if side is Side.DASHLY:
            status: object = ("closed" if talk["closed"] else "open", talk["delayed_until"] is not None)
            assignee = talk["assignee"]
        else:
            status = (talk["state"], self._hours(talk["snoozed_until"]))
            assignee = (talk["admin_assignee"], talk["team_assignee"])
        return (side.value, status, assignee, sorted(talk["tags"]), lines, sorted(_events(parts)))

    def _hours(self, at: float | None) -> int | None:
        return None if at is None else round((at - self._since) / HOUR)

    def _line(self, part: dict[str, Any]) -> tuple[Any, ...]:
        author = part["author"]
        who = author["id"] if author["kind"] in {"admin", "bot"} else author["kind"]
        files = tuple(file["sha256"][:8] for file in part["attachments"])
        return (who, self._words(part["body"]), part["public"], len(part["notified"]), part["via"], files)


def _events(parts: list[dict[str, Any]]) -> list[str]:
    return [part["type"] for part in parts if not part["body"] and not part["attachments"] and "type" in part]
