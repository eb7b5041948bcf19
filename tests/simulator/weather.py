"""What a seed chooses: the helpdesks, the working days of their people, and what goes wrong meanwhile."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from tests.simulator.script import DAY, Act, Script, Setting

if TYPE_CHECKING:
    from collections.abc import Iterator

SIDES = ("dashly", "intercom")
TAGS = ("VIP", "bug", "new")
CHANGES = ("edit", "remove")
CHANGEABLE = ("customer_writes", "agent_writes", "agent_notes", "bot_writes")
VERSIONS = ("2.16", "2.16", "2.15", "2.11", "1.4")
RESTORES = ("restore_file", "restore_folder")
PASSES = 30
DEEDS = 60
WRITES = "POST|DELETE|PUT"
FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "drop_before", "method": WRITES},
    {"kind": "drop_after", "method": WRITES},
    {"kind": "late", "seconds": 30.0, "method": WRITES},
    {"kind": "late", "after_requests": 2, "seconds": 60.0, "method": WRITES},
    {"kind": "status", "applied": True},
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 429},
    {"kind": "truncate"},
    {"kind": "html", "applied": True},
    {"kind": "refuse", "times": 5},
)
OPEN_DASHLY = (
    "admin_reply_auto_assigns",
    "panel_reply_auto_assigns",
    "admin_reply_reopens",
    "edit_moves_last_update",
    "reopen_moves_last_update",
    "empty_pages",
    "files_signed",
    "list_parts_full",
)
OPEN_INTERCOM = ("edit_moves_updated_at", "admin_reply_reopens", "empty_pages", "app_package_code")
DEED_WEIGHTS = {
    "customer_writes": 14,
    "agent_writes": 14,
    "agent_notes": 8,
    "bot_writes": 2,
    "customer_repeats": 2,
    "tag": 4,
    "untag": 2,
    "close": 3,
    "reopen": 2,
    "snooze": 1,
    "assign": 3,
    "edit": 2,
    "remove": 1,
}


def draw(seed: int, days: int, talks: int = 50, *, restores: bool = True) -> Script:
    """Return the script of a seed; without ``restores`` nobody puts an older state back."""
    chance = random.Random(seed)  # noqa: S311 - chosen by a seed on purpose
    acts = [act for act in _acts(chance, days, talks) if restores or act.name not in RESTORES]
    acts.sort(key=lambda act: act.at)
    return Script(seed, _setting(chance), tuple(acts))


def _setting(chance: random.Random) -> Setting:
    intercom: dict[str, Any] = {name: chance.random() < 0.5 for name in OPEN_INTERCOM}
    intercom["search_delay"] = chance.choice([0.0, 0.0, 40.0])
    dashly = {name: chance.random() < 0.5 for name in OPEN_DASHLY}
    return Setting(chance.choice(VERSIONS), dashly, intercom, sweep=chance.choice((1, 1, 5)))


def _acts(chance: random.Random, days: int, talks: int) -> Iterator[Act]:
    words = iter(range(1, 10**9))
    openings = [
        _opening(chance, chance.uniform(0, days * DAY * 0.7), number, next(words)) for number in range(talks)
    ]
    yield from openings
    written: list[int] = []
    for at in sorted(chance.uniform(0, days * DAY) for _ in range(days * DEEDS)):
        begun = [act for act in openings if act.at < at]
        if begun:
            deed = _deed(chance, at, chance.choice(begun), written, next(words))
            written += [deed.given["word"]] if deed.name in CHANGEABLE else []
            yield deed
    for day in range(days):
        yield from (Act(chance.uniform(day, day + 1) * DAY, "sync") for _ in range(PASSES))
        yield from _troubles(chance, day)


def _opening(chance: random.Random, at: float, number: int, word: int) -> Act:
    name = chance.choices(("customer_starts", "campaign_starts"), (9, 1))[0]
    side, known = chance.choice(SIDES), chance.random() < 0.5
    return Act(at, name, {"talk": number, "side": side, "known": known, "word": word})


def _deed(chance: random.Random, at: float, opening: Act, written: list[int], word: int) -> Act:
    name = chance.choices(list(DEED_WEIGHTS), list(DEED_WEIGHTS.values()))[0]
    if name in CHANGES:
        return Act(at, name, {"of": chance.choice(written or [0]), "word": word})
    side = opening.given["side"] if name.startswith("customer") else chance.choice(SIDES)
    given = {"talk": opening.given["talk"], "side": side, "word": word}
    if name in {"tag", "untag"}:
        given["tag"] = chance.choice(TAGS)
    if name == "assign":
        given["agent"] = chance.randrange(4)
    return Act(at, name, given)


def _troubles(chance: random.Random, day: int) -> Iterator[Act]:
    def at() -> float:
        return chance.uniform(day, day + 1) * DAY

    for _ in range(chance.randrange(5)):
        fault = chance.choice(FAULTS) | {"side": chance.choice(SIDES), "nth": chance.randint(1, 6)}
        yield Act(at(), "fault", fault)
    for _ in range(chance.randrange(4)):
        yield Act(at(), "dies", {"step": chance.randint(1, 60), "moment": chance.choice(["before", "after"])})
    if chance.random() < 0.3:
        yield Act(at(), "keep")
    if chance.random() < 0.15:
        yield Act(at(), "restore_file")
    if chance.random() < 0.1:
        yield Act(at(), "restore_folder")
    if chance.random() < 0.05:
        yield Act(at(), "lose")
    if chance.random() < 0.2:
        yield Act(at(), "host_ahead", {"seconds": chance.choice([-DAY, -3600.0, 3600.0, DAY, 365 * DAY])})
    if chance.random() < 0.2:
        yield Act(at(), "date_ahead", {"side": chance.choice(SIDES), "seconds": chance.choice([-40.0, 40.0])})
