"""The first configuration of a pair: the commented template with what was answered, and who may be who."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from connector.cli.output.toml_lines import proposal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from connector.app.setting_up import Proposal, Settings

_PEOPLE = re.compile(r"^\[map\.admins\]\n# .*\n", re.MULTILINE)
_HOW_TO_READ = (
    "# Who is who. A line with a reason is already in effect, and would only be pinned; one with a question\n"
    "# mark is a guess. Remove the # from each line that is right.\n"
)


def first_file(template: str, settings: Settings, proposals: Iterable[Proposal]) -> str:
    """Return the template with the answers in it; proposals are comments, never active lines."""
    text = template
    for (section, key), value in settings.items():
        text = _with(text, section, key, value)
    lines = list(_lines(proposals))
    told = "".join(f"{line}\n" for line in lines)
    return _PEOPLE.sub(lambda found: f"{found[0]}{_HOW_TO_READ}{told}", text, count=1) if lines else text


def _with(text: str, section: str, key: str, value: str) -> str:
    head, name, rest = text.partition(f"[{section}]\n")
    line = re.compile(rf"^(?:# )?{key} = \"[^\"]*\" *", re.MULTILINE)
    set_to = f"{key} = {quoted(value)}"
    # By a function: a value may hold what looks like a group. Comments stay in their column.
    return head + name + line.sub(lambda found: f"{set_to:<{len(found[0]) - 1}} ", rest, count=1)


def _lines(proposals: Iterable[Proposal]) -> Iterator[str]:
    for one in proposals:
        twin = one.twin
        if twin is None:
            told = f"{one.agent.name}: nobody similar"
        elif one.by is None:
            told = f"{one.agent.name} = {twin.name}?"
        else:
            told = f"{one.agent.name} = {twin.name}, by {one.by.value}"
        yield proposal(one.agent.id, twin.id if twin else "", told)
