"""What a seed chooses: the helpdesks, the working days of their people, and what goes wrong meanwhile."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connector.sandbox.switches import FormerAdmin, MergedContact, MergedParts
from tests.simulator.script import DAY, Act, Script, Setting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SIDES = ("dashly", "intercom")
OPENINGS = {"customer_starts": 8, "campaign_starts": 1, "operator_starts": 1, "mailing_starts": 1}
SPOKEN_AS = ("agent_writes", "agent_notes")
TAGS = ("VIP", "bug", "new")
CHANGES = ("edit", "remove", "replace_by_two")
CHANGEABLE = ("customer_writes", "agent_writes", "agent_notes", "bot_writes")
VERSIONS = ("2.16", "2.16", "2.15", "2.11", "1.4")
RESTORES = ("restore_file", "restore_folder")
PLANTS = ("word", "drop", "form", "voice")
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
    {"kind": "status", "status": 425, "method": WRITES},
    {"kind": "status", "status": 499, "method": WRITES, "applied": True},
    {"kind": "status", "status": 307, "method": WRITES},
    {"kind": "status", "status": 308, "method": WRITES},
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
    "removed_parts_listed",
    "invisible_stripped",
)
OPEN_INTERCOM = (
    "edit_moves_updated_at",
    "admin_reply_reopens",
    "empty_pages",
    "app_package_code",
    "invisible_stripped",
    "merged_writer_is_gone",
)
CHOSEN_INTERCOM = {"merge_parts": MergedParts, "merged_contact": MergedContact, "former_admin": FormerAdmin}
REFUSED = {"dashly": ("channels_readable",), "intercom": ("teams_readable", "deleted_readable")}
"""Lists that only enrich, which some tokens may not see."""
SHORT = 600
LENGTHS = (500, 700, 900)
UNSEEN = ("\u200b", "\ufeff", "\u2060", " \u200e\xad\n")
DEED_WEIGHTS = {
    "customer_writes": 14,
    "agent_writes": 14,
    "agent_notes": 8,
    "bot_writes": 2,
    "customer_repeats": 2,
    "customer_writes_nothing": 1,
    "agent_links": 1,
    "signed_anew": 1,
    "tag": 4,
    "untag": 2,
    "close": 3,
    "reopen": 2,
    "snooze": 1,
    "assign": 3,
    "edit": 2,
    "remove": 1,
    "replace_by_two": 1,
}
CHANCES = {
    "keep": 0.3,
    "restore_file": 0.15,
    "restore_folder": 0.1,
    "lose": 0.05,
    "host_ahead": 0.2,
    "date_ahead": 0.2,
    "frozen": 0.3,
    "cut_off": 0.1,
    "merge": 0.3,
    "customer_merged": 0.1,
    "customer_deleted": 0.1,
    "agent_leaves": 0.1,
    "wakes": 0.1,
    "moves": 0.15,
    "disk_full": 0.1,
    "one_way": 0.1,
    "skips": 0.1,
    "plant": 0.3,
}
"""How likely each is on a day."""
LONG = "long"
LONG_SHARE = 0.05
"""How likely a message is long."""
GIVEN = {
    "host_ahead": ("seconds", "talk", "side", "word", "unanswered"),
    "date_ahead": ("side", "seconds", "word", "unanswered"),
    "frozen": ("talk", "side", "word"),
    "cut_off": ("talk", "side", "word", "tail", "longest"),
    "merge": ("talk", "into"),
    "customer_merged": ("talk", "side"),
    "customer_deleted": ("talk",),
    "agent_leaves": ("side", "agent"),
    "wakes": ("talk",),
    "moves": ("talk", "mapped_first", "apart"),
    "one_way": ("side",),
    "skips": ("talk", "word", "lost"),
    "plant": ("pick", "how"),
}
JUMPS = {"host_ahead": (-DAY, -3600.0, 3600.0, DAY, 365 * DAY), "date_ahead": (-40.0, 40.0)}
MOST_FAULTS, MOST_DEATHS = 4, 3


def draw(
    seed: int, days: int, talks: int = 50, *, restores: bool = True, often: Mapping[str, float] | None = None
) -> Script:
    """Return the script of a seed; without ``restores`` nobody puts an older state back.

    ``often`` says how often some things happen when not as usual: a weight, a chance, or the most of a day.
    """
    chance = random.Random(seed)  # noqa: S311 - chosen by a seed on purpose
    drawn = Weather(chance, days, often or {}).acts(talks)
    acts = sorted((act for act in drawn if restores or act.name not in RESTORES), key=lambda act: act.at)
    return Script(seed, _setting(chance), tuple(acts))


@dataclass
class Weather:
    """Draws what happens, act by act."""

    chance: random.Random
    days: int
    often: Mapping[str, float]
    words: Iterator[int] = field(default_factory=lambda: iter(range(1, 10**9)))

    def acts(self, talks: int) -> Iterator[Act]:
        """Yield the acts of all days, day by day and out of order within one."""
        chance, days = self.chance, self.days
        openings = [self._opening(chance.uniform(0, days * DAY * 0.7), number) for number in range(talks)]
        yield from openings
        written: list[int] = []
        for at in sorted(chance.uniform(0, days * DAY) for _ in range(days * DEEDS)):
            begun = [act for act in openings if act.at < at]
            if begun:
                deed = self._deed(at, chance.choice(begun), written)
                written += [deed.given["word"]] if deed.name in CHANGEABLE else []
                yield deed
        for day in range(days):
            yield from (Act(self._at(day), "sync") for _ in range(PASSES))
            yield from self._troubles(day)
            yield from self._rarities(day, openings)

    def _at(self, day: int) -> float:
        return self.chance.uniform(day, day + 1) * DAY

    def _one_of(self, weights: Mapping[str, float]) -> str:
        names = list(weights)
        return self.chance.choices(names, [self.often.get(name, weights[name]) for name in names])[0]

    def _happens(self, name: str, usual: float) -> bool:
        return self.chance.random() < self.often.get(name, usual)

    def _opening(self, at: float, number: int) -> Act:
        name, side = self._one_of(OPENINGS), self.chance.choice(SIDES)
        known, word = self.chance.random() < 0.5, next(self.words)
        return Act(at, name, {"talk": number, "side": side, "known": known, "word": word})

    def _deed(self, at: float, opening: Act, written: list[int]) -> Act:
        chance = self.chance
        name, word = self._one_of(DEED_WEIGHTS), next(self.words)
        if name in CHANGES:
            more = {"then": next(self.words)} if name == "replace_by_two" else {}
            return Act(at, name, {"of": chance.choice(written or [0]), "word": word, **more})
        side = opening.given["side"] if name.startswith("customer") else chance.choice(SIDES)
        given = {"talk": opening.given["talk"], "side": side, "word": word}
        if name in SPOKEN_AS and chance.random() < 0.5:
            given["agent"] = chance.randrange(3)
        if name in CHANGEABLE and self._happens(LONG, LONG_SHARE):
            given["tail"] = next(self.words)
        if name == "customer_writes_nothing":
            given["text"] = chance.choice(UNSEEN)
        if name in {"tag", "untag"}:
            given["tag"] = chance.choice(TAGS)
        if name == "assign":
            given["agent"] = chance.randrange(4)
        return Act(at, name, given)

    def _troubles(self, day: int) -> Iterator[Act]:
        chance = self.chance
        for _ in range(chance.randint(0, int(self.often.get("fault", MOST_FAULTS)))):
            fault = chance.choice(FAULTS) | {"side": chance.choice(SIDES), "nth": chance.randint(1, 6)}
            yield Act(self._at(day), "fault", fault)
        for _ in range(chance.randint(0, int(self.often.get("dies", MOST_DEATHS)))):
            step, moment = chance.randint(1, 60), chance.choice(["before", "after"])
            yield Act(self._at(day), "dies", {"step": step, "moment": moment})

    def _rarities(self, day: int, openings: list[Act]) -> Iterator[Act]:
        for name, usual in CHANCES.items():
            at = self._at(day)
            begun = [act.given["talk"] for act in openings if act.at < at and _may_befall(name, act)]
            if (begun or "talk" not in GIVEN.get(name, ())) and self._happens(name, usual):
                yield Act(at, name, self._rarity(name, begun))

    def _rarity(self, name: str, begun: list[int]) -> dict[str, Any]:
        chance = self.chance
        given = {
            "talk": chance.choice(begun or [0]),
            "into": chance.choice(begun or [0]),
            "side": chance.choice(SIDES),
            "word": next(self.words),
            "tail": next(self.words),
            "seconds": chance.choice(JUMPS[name]) if name in JUMPS else 0.0,
            "unanswered": chance.random() < 0.5,
            "longest": chance.choice(LENGTHS),
            "mapped_first": chance.random() < 0.5,
            "agent": chance.randrange(1, 4),
            "pick": chance.randrange(1000),
            "how": chance.choice(PLANTS),
            "lost": chance.random() < 0.5,
            "apart": chance.random() < 0.5,
        }
        return {key: given[key] for key in GIVEN.get(name, ())}


def _may_befall(name: str, opening: Act) -> bool:
    """Tell whether a conversation may be chosen: only those of Intercom can be merged."""
    return name != "merge" or opening.given["side"] == SIDES[1]


def _setting(chance: random.Random) -> Setting:
    intercom: dict[str, Any] = {name: chance.random() < 0.5 for name in OPEN_INTERCOM}
    intercom["search_delay"] = chance.choice([0.0, 0.0, 40.0])
    intercom |= {name: chance.choice(list(kind)).value for name, kind in CHOSEN_INTERCOM.items()}
    dashly = {name: chance.random() < 0.5 for name in OPEN_DASHLY}
    for chosen, side in ((dashly, "dashly"), (intercom, "intercom")):
        chosen |= {name: False for name in REFUSED[side] if chance.random() < 0.1}
    version, sweep = chance.choice(VERSIONS), chance.choice((1, 1, 5))
    return Setting(version, dashly, intercom, sweep, longest=chance.choice((None, SHORT)))
