"""How much one run may do."""

from __future__ import annotations

import pytest

from connector.engine.run.limits import LimitKey, Limits, OverLimit
from connector.errors import RailTripped


def limits(*, holds: bool = True, accepted: bool = False) -> Limits:
    """Return limits of three writes, two creations and one removal."""
    return Limits(max_writes=3, max_creates=2, max_removals=1, holds=holds, accepted=accepted)


def test_the_limit_itself_is_allowed_and_nothing_beyond() -> None:
    """Calls count one by one, also when one write needs several."""
    found = limits()

    found.write(calls=2)
    with pytest.raises(OverLimit):
        found.write(calls=2)
    found.write()
    with pytest.raises(OverLimit):
        found.write()

    assert found.writes == 3


@pytest.mark.parametrize(
    ("what", "allowed", "key"),
    [({"creates": True}, 2, LimitKey.CREATES), ({"removes": True}, 1, LimitKey.REMOVALS)],
)
def test_creations_and_removals_have_limits_of_their_own(
    what: dict[str, bool], allowed: int, key: LimitKey
) -> None:
    """What is refused takes nothing from the others; what was accepted may pass."""
    found, accepted = limits(), limits(accepted=True)
    for _ in range(allowed):
        found.write(**what)
        accepted.write(**what)

    with pytest.raises(OverLimit) as refused:
        found.write(**what)
    accepted.write(**what)

    assert refused.value.key is key
    assert found.writes == allowed
    assert accepted.writes == allowed + 1


def test_a_backfill_stops_where_a_sync_holds() -> None:
    """It names its limit and the key."""
    found = limits(holds=False)
    found.write(calls=3)

    with pytest.raises(RailTripped, match=r"limit of 3 \(max_writes\)"):
        found.write()


@pytest.mark.parametrize(("creates", "key"), [(3, "max_creates"), (4, "max_creates")])
def test_a_list_that_is_too_long_is_refused_before_anything_is_written(creates: int, key: str) -> None:
    """As many as the limit allows are not too many."""
    limits().listed(creates=2)

    with pytest.raises(RailTripped, match=rf"{creates} conversations .* \({key}\); nothing was written"):
        limits().listed(creates=creates)


def test_each_creation_of_a_list_is_a_write() -> None:
    """A high limit of creations does not help where fewer writes are allowed."""
    found = Limits(max_writes=3, max_creates=9, max_removals=1)

    with pytest.raises(RailTripped, match="max_writes"):
        found.listed(creates=4)
