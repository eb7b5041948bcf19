"""Contacts that a run created and no pair needs any more: which are ours alone, and their deletion."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from connector.engine.sync.conversation import STOPS_THE_RUN
from connector.errors import RemoteError
from mappings.characters import clean
from mappings.model import Side
from mappings.roles import Role
from mappings.text import address_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.engine.sync.run import Run
    from mappings.model import Customer

MADE_ON = Side.INTERCOM


class Knowledge(StrEnum):
    """Why a contact is left as it is."""

    MET = "they came by themselves, have a conversation, or were given something by a teammate"
    DETAILS = "Intercom shows a name, an e-mail, a phone or an id that their Dashly user does not have"
    UNREADABLE = "their Dashly user could not be read, so that nobody can tell which details are ours"


@dataclass(frozen=True, slots=True)
class LeftOver:
    """A contact of ours without a pair, and what keeps them (None: they are ours alone)."""

    contact: str
    known: Knowledge | None = None


def left_over(run: Run) -> Iterator[LeftOver]:
    """Yield the contacts of ours without a pair."""
    if run.helpdesks[MADE_ON].capabilities.deletion:
        for contact in run.store.people.left_over(MADE_ON):
            yield LeftOver(contact, _knowledge_of(run, contact))


def remove_contact(run: Run, contact: str) -> None:
    """Delete a contact of ours, and forget for whom they stood."""
    run.generation.before_first_write()
    run.helpdesks[MADE_ON].delete_customer(contact)
    run.store.people.forget_made(MADE_ON, contact)


def details_of_others(shown: Customer, given: Customer, own_id: str | None) -> bool:
    """Tell whether a contact shows what the connector would not have given them.

    What is missing says nothing: Intercom refuses an address, and a Dashly user may have left it later.
    """
    pairs = (
        (clean(shown.name or "").strip(), clean(given.name or "").strip()),
        (address_key(shown.email or ""), address_key(given.email or "")),
        (_digits(shown.phone), _digits(given.phone)),
        (shown.external_id, own_id),
    )
    return shown.role is not Role.USER or any(seen and seen != ours for seen, ours in pairs)


def _knowledge_of(run: Run, contact: str) -> Knowledge | None:
    if not run.helpdesks[MADE_ON].is_bare(contact):
        return Knowledge.MET
    shown = run.helpdesks[MADE_ON].customer(contact)
    if shown is None or shown.id != contact:  # deleted or merged: nobody's record goes with it
        return None
    given = _user_behind(run, contact)
    if given is None:
        return Knowledge.UNREADABLE
    others = details_of_others(shown, given, run.store.people.own_id(MADE_ON, contact))
    return Knowledge.DETAILS if others else None


def _user_behind(run: Run, contact: str) -> Customer | None:
    """Return the Dashly user for whom a contact was made, as they are now."""
    user = run.store.people.standing_for(MADE_ON.other, contact)
    if user is None:
        return None
    try:
        return run.helpdesks[MADE_ON.other].customer(user)
    except STOPS_THE_RUN:
        raise
    except RemoteError:
        return None


def _digits(phone: str | None) -> str:
    return "".join(filter(str.isdigit, phone or ""))
