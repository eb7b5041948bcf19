"""Faults that are put back: each changes the connector, and is found."""

from __future__ import annotations

import pytest

from tests.simulator.broken import FAULTS
from tests.simulator.put_back import search

QUICK = {"recorded-before-the-wait": 1, "moved-parts-are-new": 1}
"""By name: a seed that shows it within a day."""


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_in_only_while_it_is_put_back(name: str) -> None:
    """Each of its functions is another one meanwhile, and the connector's own one after that."""
    fault = FAULTS[name]
    before = [getattr(one.owner, one.name) for one in fault.patches]
    with fault.put_back():
        meanwhile = [getattr(one.owner, one.name) for one in fault.patches]
    after = [getattr(one.owner, one.name) for one in fault.patches]
    assert all(was is not now for was, now in zip(before, meanwhile, strict=True))
    assert all(was is now for was, now in zip(before, after, strict=True))


@pytest.mark.parametrize("name", QUICK)
def test_a_seed_finds_a_fault(name: str) -> None:
    """The day fails with the fault, and passes without."""
    seed = QUICK[name]
    assert search(FAULTS[name], range(seed, seed + 1), 60) is not None


def test_every_kind_of_fault_is_there() -> None:
    """Twenty kinds are known; the table leaves none out."""
    assert {fault.kind for fault in FAULTS.values()} == set(range(20))
