"""The generation of a pair as one run asks for it and sets it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from connector.engine.write.generation import Generation, generation_of, kept_on, made_at
from connector.errors import AccessDenied, NeverSent, PersonNeeded, Rejected, RemoteError, Unclear
from connector.helpdesk.keeper import Kept
from mappings.model import Side
from tests.clock import BEGIN, VirtualClock

if TYPE_CHECKING:
    from state.store import Store

D, IC = Side.DASHLY, Side.INTERCOM


class Keeper:
    """A side that keeps one text, and may fail."""

    side = D

    def __init__(self) -> None:
        self.text: str | None = None
        self.fails: Exception | None = None
        self.answer_lost = False
        self.hidden: str | None = None
        self.kept_for: list[str | None] = []

    def kept(self, external_id: str, person: str | None) -> Kept | None:
        """Return what is kept."""
        assert external_id == "technical"
        if self.fails is not None:
            raise self.fails
        self.kept_for.append(person)
        return None if self.text is None else Kept("p9", self.text)

    def keep(self, external_id: str, person: str | None, text: str) -> Kept:
        """Keep a text; a person whom no search showed shows what they keep."""
        assert external_id == "technical"
        hidden, self.hidden = self.hidden, None
        if hidden is not None:
            assert person is None
            return Kept("p9", hidden)
        self.text = text
        if self.answer_lost:
            raise Unclear("lost")
        return Kept("p9", text)


@pytest.fixture
def keeper() -> Keeper:
    """The side that keeps it."""
    return Keeper()


@pytest.fixture
def generation(store: Store, keeper: Any) -> Generation:
    """The generation as one run sees it."""
    return Generation(store=store, helpdesk=keeper, clock=VirtualClock(), run="r1", person="technical")


def test_the_first_write_of_a_run_sets_it_once(generation: Any, keeper: Keeper, store: Store) -> None:
    """The state file knows it, and on whom it is kept."""
    for _ in range(2):
        generation.before_first_write()

    assert keeper.text is not None
    assert (made_at(store, keeper.text), store.meta.generations(D)) == (BEGIN, [keeper.text])
    assert (store.meta.technical_person(D), len(keeper.kept_for)) == ("p9", 1)


def test_one_that_the_state_file_does_not_know_stops_the_run(
    generation: Any, keeper: Keeper, store: Store
) -> None:
    """An older folder was restored, or a second connector has the key; what others wrote means nothing."""
    keeper.text = generation_of(store, "another", BEGIN - 60)
    with pytest.raises(PersonNeeded):
        generation.before_first_write()

    keeper.text = "somebody else's"
    generation.before_first_write()
    assert made_at(store, keeper.text) == BEGIN


def test_one_on_a_person_whom_no_search_showed_stops_the_run(
    generation: Any, keeper: Keeper, store: Store
) -> None:
    """What they keep is looked at before it is replaced."""
    keeper.hidden = generation_of(store, "another", BEGIN - 60)

    with pytest.raises(PersonNeeded):
        generation.before_first_write()


def test_a_person_may_accept_what_is_kept(generation: Any, keeper: Keeper, store: Store) -> None:
    """From then on it is known; what was not made with the key is never."""
    keeper.text = "somebody else's"
    generation.accept()
    assert store.meta.generations(D) == []

    keeper.text = generation_of(store, "another", BEGIN - 60)
    generation.accept()
    generation.before_first_write()

    assert len(store.meta.generations(D)) == 2


def test_a_lost_answer_is_looked_for_once(generation: Any, keeper: Keeper) -> None:
    """It is there."""
    keeper.answer_lost = True

    generation.before_first_write()

    assert keeper.text is not None


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (Rejected("no", status=422, code="bad"), None),
        (AccessDenied("may not", status=403), None),
        (AccessDenied("who are you", status=401), AccessDenied),
        (NeverSent("down"), NeverSent),
        (RemoteError("garbled"), NeverSent),
    ],
)
def test_a_side_that_refuses_to_keep_it_goes_without(
    generation: Any, keeper: Keeper, error: Exception, raised: type[Exception] | None
) -> None:
    """One that is away ends the run: nothing was written."""
    keeper.fails = error
    if raised is None:
        generation.before_first_write()
    else:
        with pytest.raises(raised):
            generation.before_first_write()

    assert keeper.text is None


@pytest.mark.parametrize(("sources", "side"), [({D}, IC), ({IC}, D), ({D, IC}, D)])
def test_it_is_kept_where_something_is_written(sources: set[Side], side: Side) -> None:
    """A side that is never written to keeps nothing of ours."""
    assert kept_on(sources) is side


def test_a_mark_holds_for_its_own_time_and_run_alone(store: Store) -> None:
    """Whoever copies one and writes a later time behind it has made none of ours."""
    mark, _, at = generation_of(store, "r1", BEGIN).partition(".")

    assert made_at(store, f"{mark}.{at}") == BEGIN
    assert made_at(store, f"{mark}.{int(at) + 1}") is None
    assert made_at(store, f"{mark}.x") is made_at(store, mark) is None
    assert generation_of(store, "r2", BEGIN).partition(".")[0] != mark
