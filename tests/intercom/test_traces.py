"""A contact whom only their maker knows has an empty record."""

from __future__ import annotations

from typing import Any

import pytest

from connector.intercom.traces import is_untouched

EMPTY: dict[str, Any] = {
    "id": "1",
    "external_id": "acct-1",
    "owner_id": None,
    "last_seen_at": None,
    "custom_attributes": {},
    "tags": {"type": "list", "data": [], "total_count": 0},
    "notes": {"type": "list", "data": []},
}


def test_a_record_with_nothing_of_others_is_untouched() -> None:
    """Also one that leaves everything out."""
    assert is_untouched(EMPTY)
    assert is_untouched({"id": "1"})


@pytest.mark.parametrize(
    "given",
    [
        {"owner_id": 814860},
        {"last_seen_at": 1_700_000_000},
        {"ios_last_seen_at": 1_700_000_000},
        {"unsubscribed_from_emails": True},
        {"social_profiles": {"data": [{"name": "x"}]}},
        {"custom_attributes": {"plan": "gold"}},
        {"tags": {"data": [{"id": "7"}], "total_count": 1}},
        {"notes": {"data": [], "total_count": 1}},
        {"companies": {"data": [{"id": "c"}]}},
    ],
    ids=lambda given: next(iter(given)),
)
def test_what_others_gave_is_seen(given: dict[str, Any]) -> None:
    """Each of these was set by somebody else."""
    assert not is_untouched(EMPTY | given)
