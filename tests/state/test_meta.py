"""Facts about the pair that are kept in the state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mappings.model import Side

if TYPE_CHECKING:
    from state.store import Store


def test_the_answers_of_a_probe_are_kept(store: Store) -> None:
    """`doctor` shows them until the next probe."""
    assert store.meta.probe() is None

    store.meta.set_probe('{"silent": true}')

    assert store.meta.probe() == '{"silent": true}'


def test_an_erasure_waits_until_it_is_done(store: Store) -> None:
    """As long as somebody read the file, erased words may be in its log."""
    before = store.meta.erasure_waits()
    store.meta.set_erasure_waits(waits=True)
    waiting = store.meta.erasure_waits()
    store.meta.set_erasure_waits(waits=False)

    assert (before, waiting, store.meta.erasure_waits()) == (False, True, False)


@pytest.mark.parametrize("side", Side)
def test_what_is_known_of_a_side_is_known_of_that_side_alone(store: Store, side: Side) -> None:
    """From when on it is read, when its deletions were asked for, and when it was found to show anything."""
    meta = store.meta
    before = (meta.read_from(side), meta.deletions_read(side), meta.found_filled(side), meta.unread(side))

    meta.set_read_from(side, 5.5)
    meta.set_deletions_read(side, 6.5)
    meta.set_found_filled(side, 7.5)
    meta.set_unread(side, unread=True)

    other = side.other
    assert before == (0.0, None, None, False)
    assert (meta.read_from(side), meta.deletions_read(side), meta.found_filled(side)) == (5.5, 6.5, 7.5)
    assert (meta.read_from(other), meta.deletions_read(other), meta.found_filled(other)) == (0.0, None, None)
    assert (meta.unread(side), meta.unread(other)) == (True, False)


def test_a_doubt_ends_with_the_moment_from_which_nothing_was_missed(store: Store) -> None:
    """What is older stays a matter of doubt for good."""
    before = store.meta.doubted(), store.meta.was_rebuilt()
    store.meta.doubt()
    during = store.meta.doubted(), store.meta.was_rebuilt(), store.meta.trusted_from()
    store.meta.trust_from(5.5)

    assert (before, during) == ((False, False), (True, True, 0.0))
    assert (store.meta.doubted(), store.meta.was_rebuilt(), store.meta.trusted_from()) == (False, True, 5.5)
