"""What of a contact did not come from the Dashly user for whom they were made."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from connector.engine.undo.contacts import Knowledge, LeftOver, details_of_others, left_over
from connector.errors import NeverSent, RemoteError
from mappings.model import Customer, Side
from mappings.roles import Role

USER = Customer("u1", "acct-1", name="Eva Long", email="Eva@shop.example", phone="+7 (900) 123-45-67")
SHOWN = replace(USER, id="c1", email="eva@shop.example", phone="+79001234567")


@pytest.mark.parametrize("less", [{}, {"email": None}, {"phone": None}, {"name": None}])
def test_what_the_user_has_is_ours_in_intercoms_spelling(less: dict[str, Any]) -> None:
    """Also when Intercom refused a part of it."""
    assert not details_of_others(replace(SHOWN, **less), USER, "acct-1")


@pytest.mark.parametrize(
    "more",
    [
        {"name": "Eve"},
        {"email": "eva@other.example"},
        {"phone": "+79001234568"},
        {"external_id": "acct-2"},
        {"role": Role.LEAD},
    ],
    ids=lambda more: next(iter(more)),
)
def test_what_the_user_has_not_is_somebody_elses(more: dict[str, Any]) -> None:
    """Another value of anything that we may have given."""
    assert details_of_others(replace(SHOWN, **more), USER, "acct-1")


@pytest.mark.parametrize("name", ["name", "email", "phone"])
def test_what_the_user_never_gave_is_somebody_elses(name: str) -> None:
    """An agent typed it, or the user has taken it back since: nobody can tell."""
    assert details_of_others(SHOWN, replace(USER, **dict[str, Any]({name: None})), "acct-1")


class Desk:
    """A side that shows one person, or fails to."""

    capabilities = SimpleNamespace(deletion=True)

    def __init__(self, shown: Customer | Exception | None, *, bare: bool = True) -> None:
        self.shown, self.bare = shown, bare

    def is_bare(self, contact: str) -> bool:
        """Tell whether nothing hangs on a contact."""
        assert contact == "c1"
        return self.bare

    def customer(self, person: str) -> Customer | None:
        """Return the record of a person."""
        assert person in {"c1", "u1"}
        if isinstance(self.shown, Exception):
            raise self.shown
        return self.shown


def left_of(contact: Desk, user: Desk, *, stands_for: str | None = "u1") -> list[LeftOver]:
    """Return what is left over of the one contact of ours."""
    people = SimpleNamespace(
        left_over=lambda _side: ["c1"],
        standing_for=lambda _side, _contact: stands_for,
        own_id=lambda _side, _contact: "acct-1",
    )
    helpdesks = {Side.INTERCOM: contact, Side.DASHLY: user}
    run: Any = SimpleNamespace(helpdesks=helpdesks, store=SimpleNamespace(people=people))
    return list(left_over(run))


@pytest.mark.parametrize(
    ("contact", "user", "known"),
    [
        (Desk(SHOWN), Desk(USER), None),
        (Desk(None), Desk(USER), None),
        (Desk(replace(SHOWN, id="c2", name="Eve")), Desk(USER), None),
        (Desk(SHOWN, bare=False), Desk(USER), Knowledge.MET),
        (Desk(replace(SHOWN, name="Eve")), Desk(USER), Knowledge.DETAILS),
        (Desk(SHOWN), Desk(RemoteError("garbled")), Knowledge.UNREADABLE),
        (Desk(SHOWN), Desk(None), Knowledge.UNREADABLE),
    ],
    ids=["ours", "deleted", "merged", "met", "given a name", "unreadable", "user deleted"],
)
def test_only_what_is_ours_alone_may_be_deleted(contact: Desk, user: Desk, known: Knowledge | None) -> None:
    """Whoever is gone or merged needs no keeping; of whom nobody can tell stays."""
    assert left_of(contact, user) == [LeftOver("c1", known)]


def test_a_contact_who_stands_for_nobody_is_kept() -> None:
    """Nobody can tell what of them is ours."""
    assert left_of(Desk(SHOWN), Desk(USER), stands_for=None) == [LeftOver("c1", Knowledge.UNREADABLE)]


def test_an_outage_ends_the_look() -> None:
    """It says nothing of the user."""
    with pytest.raises(NeverSent):
        left_of(Desk(SHOWN), Desk(NeverSent("down")))


def test_where_nobody_can_be_deleted_nobody_is_left_over() -> None:
    """1.x deletes no leads."""
    contact = Desk(SHOWN)
    contact.capabilities = SimpleNamespace(deletion=False)

    assert left_of(contact, Desk(USER)) == []
