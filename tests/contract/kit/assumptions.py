"""The open questions about both APIs: the other values of each switch, and the table of them in the manual.

python -m tests.contract.kit.assumptions > docs/api-assumptions.md
"""

from __future__ import annotations

import sys
from dataclasses import fields
from enum import StrEnum
from typing import TYPE_CHECKING

from connector.sandbox.switches import DashlySwitches, IntercomSwitches, describe

if TYPE_CHECKING:
    from collections.abc import Iterator

NUMBERS = {"body_limit": 4_000, "search_delay": 20.0, "parts_cap": 8, "users_delay": 120.0}
"""The other value of the switches that are not yes or no."""

EFFECTS = {
    "body_limit": "long texts are refused once, then cut shorter; the run says so",
    "files_public": "files are named in the copy, not copied; the run says so",
    "removed_parts_listed": "the copy of a removed part stays until a person removes it; the run says so",
    "unknown_is_lookup_error": "a deleted conversation goes to quarantine instead of being marked gone",
    "admins_readable": "agents are matched by `[map.admins]` only; the run says so",
    "channels_readable": "operators and channels are shown without names; the run says so",
    "tags_readable": "tags that a conversation has are not taken off; the run says so",
    "teams_readable": "teams are shown without names; the run says so",
    "parts_cap": "parts older than those shown cannot be copied or compared; the run says so",
}
"""What a user notices when the other value is true; elsewhere nothing."""

INTRODUCTION = """\
# What the APIs do not say

The vendors' documentation leaves these questions open. Each is a switch of the sandbox. A test plays one
whole story, history and live work in both directions, once per switch with the other value: every message
arrives exactly once, no note becomes public, no customer is notified of a copy, and a last `sync` writes
nothing. This page is generated from the switches, and a test keeps it up to date.
"""

UNUSED = """
## Guesses that the connector does not need

- Who speaks when a reply to Dashly names no sender: `from_admin` or `from_user` is always given.
- Whether Dashly takes JSON bodies, or `DELETE` parameters in the address: forms are always sent.
- Whether `random_id` is kept: it is never sent. What `part_group` means: it is never read.
- What `sendmessage` and Dashly's webhooks do: neither is used. Of what Dashly's realtime service and
  Intercom's webhooks say only "look, perhaps at this conversation" is used; an error in it costs time.
- The keys of Dashly's `meta_data`: votes and choices are copied as they are.
- Whether Intercom's `pages.next` keeps a 1.x list's filters: page numbers are counted instead.
- In which order Intercom's search answers: none is asked for, and each row is taken once.
"""


def others(name: str, default: object) -> list[object]:
    """Return the values of a switch that are not its default."""
    if isinstance(default, StrEnum):
        return [value for value in type(default) if value is not default]
    return [NUMBERS.get(name, not default)]


def flips() -> Iterator[tuple[type[DashlySwitches | IntercomSwitches], str, object]]:
    """Yield every switch of both sides with each of its other values."""
    for kind in (DashlySwitches, IntercomSwitches):
        for item in fields(kind):
            for value in others(item.name, item.default):
                yield kind, item.name, value


def page() -> str:
    """Return the page of the manual."""
    lines = [INTRODUCTION]
    for title, kind in (("Dashly", DashlySwitches), ("Intercom", IntercomSwitches)):
        lines += [
            f"## {title}",
            "",
            "| switch | assumed | other values tested | question | then |",
            "|---|---|---|---|---|",
        ]
        for name, default, doc in describe(kind):
            then = EFFECTS.get(name, "")
            tested = "; ".join(_word(value) for value in others(name, default))
            lines.append(f"| `{name}` | {_word(default)} | {tested} | {doc} | {then} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n" + UNUSED


def _word(value: object) -> str:
    if isinstance(value, StrEnum):
        return value
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else f"{value:g}"


if __name__ == "__main__":
    sys.stdout.write(page())
