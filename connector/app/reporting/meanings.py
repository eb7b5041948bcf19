"""What the words mean that are printed: `python -m connector.app.reporting.meanings`.

Runs, `status`, `verify` and reports print them; the manual has each row as it is here.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from connector.engine.inspect.verdict import Verdict
from mappings.model import LossKind
from state.records import Disposition

if TYPE_CHECKING:
    from collections.abc import Mapping

DISPOSITIONS: Mapping[str, str] = {
    Disposition.COPIED: "a message on the other side",
    Disposition.NOTE: "an internal note on the other side",
    Disposition.TRANSCRIPT: "a passage of a history note",
    Disposition.STATE: "carried out as a change: closed, assigned, tagged …",
    Disposition.ABSORBED: "nothing to do: a later event replaced it, "
    "or it is the effect of a write of the connector",
    Disposition.SKIPPED: "left out by the mapping table, with its reason in the ledger",
    Disposition.UNSUPPORTED: "the other side cannot do it; one note told the agents",
    Disposition.QUARANTINED: "cannot be copied: its conversation is in quarantine, and all others go on. "
    "Unless it was refused for good, it is retried automatically",
}
PAIRS: Mapping[str, str] = {
    "linked": "both conversations exist and are kept in step",
    "unpaired": "on one side only: the next run copies it, or there is nothing to copy",
    "gone": "deleted on a side, or made by `doctor --probe`; never made again",
    "quarantined": "waits for a person: `connector quarantine list`",
    "unlinked": "no longer kept in step, by `pairs unlink` or `forget`",
}
VERDICTS: Mapping[str, str] = {
    Verdict.EQUAL: "everything that can be compared agrees",
    Verdict.DIFFERENT: "something differs; it is listed",
    Verdict.WITHOUT_MIRROR: "on one side only; *why* says whether that is as it should be",
}
"""The others are the states of pairs."""
LOSSES: Mapping[str, str] = {
    LossKind.AUTHOR: "the author is named in the text, or shown as somebody else",
    LossKind.LAYOUT: "formatting is shown as plain text",
    LossKind.BUTTONS: "buttons are listed as text",
    LossKind.SUBJECT: "the subject is part of the text",
    LossKind.TEAM: "the team has no counterpart",
    LossKind.CHANNEL: "the channel has no team",
    LossKind.IDENTITY: "further participants are only named",
    LossKind.RATING: "the rating is written in a note",
    LossKind.TYPE: "the type is not known",
    LossKind.CONTENT: "content that cannot be shown was left out",
    LossKind.TIME: "the time is not known, or not shown",
    LossKind.ATTACHMENT: "the file is named, not copied",
    LossKind.NO_API: "the other side has no API call for it",
    LossKind.SPLIT: "the text was cut into several messages",
}
TABLES = (DISPOSITIONS, PAIRS, VERDICTS, LOSSES)


def markdown(table: Mapping[str, str]) -> str:
    """Return the rows of a table as the manual prints them, without its head."""
    return "".join(f"| `{word.replace('_', ' ')}` | {meaning} |\n" for word, meaning in table.items())


if __name__ == "__main__":
    sys.stdout.write("\n".join(map(markdown, TABLES)))
