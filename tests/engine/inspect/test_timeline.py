"""What `pairs show` tells of each part: nothing that the ledger or the side knows is left out."""

from __future__ import annotations

import pytest

from connector.engine.inspect.timeline import timeline
from mappings.model import (
    CLOSED,
    Assigned,
    Attachment,
    BadPart,
    ChannelChanged,
    Event,
    Loss,
    LossKind,
    Message,
    Note,
    Side,
    Skipped,
    StatusChanged,
    TagsChanged,
)
from state.records import Disposition, LedgerRow, row_of

D = Side.DASHLY
LOST = Loss(LossKind.ATTACHMENT, "photo.heic")


def test_the_losses_of_a_part_are_told(make):
    """What the other side does not show stands beside the part."""
    part = make.part(D, 5, Message("see"), losses=(LOST,))

    (line,) = timeline(make.view(D, part), {"5": row_of(part, Disposition.COPIED)})

    assert (line.part, line.fate, line.losses) == ("5", "copied", (LOST,))


def test_parts_that_only_the_ledger_knows_are_told_in_their_place(make):
    """A part that was left out or could not be read is not a hole in the timeline."""
    first, last = make.part(D, 1, Message("a"), ago=90), make.part(D, 9, Message("b"), ago=10)
    ledger = {
        "1": row_of(first, Disposition.COPIED),
        "4": LedgerRow(D, "4", "vote", make.now - 50, Disposition.SKIPPED, "left out by hand"),
        "5": LedgerRow(D, "5", "", make.now - 40, Disposition.QUARANTINED, "it has no time"),
    }

    lines = timeline(make.view(D, first, last, bad=(BadPart(D, "5", "it has no time"),)), ledger)

    assert [(line.part, line.kind, line.fate) for line in lines] == [
        ("1", "message", "copied"),
        ("4", "vote (not shown)", "skipped: left out by hand"),
        ("5", "not shown", "quarantined: it has no time"),
        ("9", "message", "not seen yet"),
    ]


def test_a_part_that_cannot_be_read_is_told_before_the_ledger_knows_it(make):
    """Not even a part without an id is invisible."""
    view = make.view(D, make.part(D, 1, Message("a")), bad=(BadPart(D, None, "it has no id"),))

    (_, line) = timeline(view, {})

    assert (line.part, line.kind, line.fate) == ("", "cannot be read", "not seen yet: it has no id")


@pytest.mark.parametrize(
    ("entry", "kind", "text"),
    [
        (Message("see", (Attachment("a.png", ""),)), "message", "see\n[a.png]"),
        (Message("", (Attachment("a.png", ""),)), "message", "[a.png]"),
        (Note("aside"), "note", "aside"),
        (StatusChanged(CLOSED), "closed", ""),
        (Assigned("5"), "assigned", "to 5"),
        (Assigned(team="7"), "assigned", "to 7"),
        (Assigned(), "assigned", "to nobody"),
        (ChannelChanged("4"), "channel", "to 4"),
        (ChannelChanged(None), "channel", "to none"),
        (Event("Rated"), "event", "Rated"),
        (Skipped("a survey"), "skipped", ""),
        (TagsChanged(("a", "b"), ("c",)), "tags", "+a +b -c"),
    ],
)
def test_every_kind_of_part_is_told(make, entry, kind, text):
    """What it is, and what it says."""
    (line,) = timeline(make.view(D, make.part(D, 1, entry)), {})

    assert (line.kind, line.text) == (kind, text)
