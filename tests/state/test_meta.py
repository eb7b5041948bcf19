"""Facts about the pair that are kept in the state."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
