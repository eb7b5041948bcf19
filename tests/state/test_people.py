"""People as the state knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from state.store import Store


@pytest.mark.parametrize(
    ("external_id", "contact"),
    [("intercom:6762", "6762"), ("intercom:", None), ("my-intercom:6762", None), ("6762", None)],
)
def test_only_an_id_that_begins_as_old_shadows_did_names_their_contact(
    store: Store, external_id: str, contact: str | None
) -> None:
    """An id that merely holds that word was chosen by somebody else."""
    assert store.people.contact_of_shadow(external_id) == contact
