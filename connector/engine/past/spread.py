"""A sample of as many kinds of conversations as there are, to look at before a migration. Pure."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mappings.model import Conversation

SAMPLED_FROM = 2000
"""So many listed conversations are looked at: a sample of a large side must not cost hours of its limit."""

LENGTHS = (1, 5, 20, 100)
"""Up to so many parts each: said once, short, usual, long, and longer."""

Trait = tuple[str, str]


def spread(listed: Iterable[Conversation], most: int) -> Iterator[Conversation]:
    """Yield so many conversations, each with the most traits that no earlier one had.

    When there is nothing new to show it starts over, so that a second round shows the same spread.
    """
    left = {listing.id: (listing, traits(listing)) for listing in listed}
    shown: set[Trait] = set()
    for _ in range(min(most, len(left))):
        found, new = _richest(left.values(), shown)
        if not new:
            shown = set()
            found, new = _richest(left.values(), shown)
        shown |= new
        del left[found.id]
        yield found


def traits(listing: Conversation) -> frozenset[Trait]:
    """Return by what kinds of conversations are told apart, as far as a list shows it."""
    registers, customer = listing.registers, listing.customer
    return frozenset(
        {
            ("status", registers.status.state.value),
            ("assigned", str(registers.assignee is not None)),
            ("team", registers.team or ""),
            ("begun by", listing.started_by.kind.value),
            ("by e-mail", str(listing.by_email)),
            ("customer", "" if customer is None else customer.role.value),
            ("length", str(bisect_left(LENGTHS, listing.parts_count or 0))),
            *(("tag", tag) for tag in registers.tags or ("",)),
        }
    )


def _richest(
    left: Iterable[tuple[Conversation, frozenset[Trait]]], shown: set[Trait]
) -> tuple[Conversation, frozenset[Trait]]:
    """Return the conversation with the most new traits, of equal ones the first by its id."""
    # By id and not by place: the same sample is found again when the list has changed.
    found, its = min(left, key=lambda one: (-len(one[1] - shown), len(one[0].id), one[0].id))
    return found, its - shown
