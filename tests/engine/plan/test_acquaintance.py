"""The note that tells agents of Intercom what is to be known of a contact."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connector.engine.plan.planner import plan
from mappings.model import Side
from state.records import ToTell
from tests.engine.plan.plans import posts

D, IC = Side.DASHLY, Side.INTERCOM


@pytest.mark.parametrize(("sources", "notes"), [({D, IC}, 1), ({IC}, 0)], ids=["both ways", "one way"])
def test_it_is_written_only_where_intercom_is_written_to(make: Any, sources: set[Side], notes: int) -> None:
    """A direction that is off writes nothing at all."""
    pair = replace(make.pair(D, linked=True), people={IC: "c1"})
    snapshot = make.snapshot(pair, make.view(D), to_tell=ToTell.MATCHED)

    assert len(posts(plan(snapshot, make.policy(sources=frozenset(sources))))) == notes
