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
