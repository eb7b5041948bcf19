"""Reading what a backfill was asked for from its side."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from connector.engine.past.choice import Choice
from connector.engine.past.listing import chosen
from connector.errors import ConfigError, Gone, Rejected
from mappings.model import Side


def helpdesk(*refusals: Rejected) -> Any:
    """Return a side that refuses the conversations that it is asked for, one after the other."""
    left = iter(refusals)

    def conversation(_id: str) -> None:
        raise next(left)

    return SimpleNamespace(side=Side.INTERCOM, conversation=conversation)


def test_an_id_that_cannot_be_one_is_unknown() -> None:
    """Some sides say that it does not exist, others that it looks wrong."""
    refusals = (
        Gone("Not found.", status=404, code="not_found"),
        Rejected("Not an id.", status=400, code="parameter_invalid"),
    )
    choice = Choice(Side.INTERCOM, ids=("5", "x"))

    with pytest.raises(ConfigError, match="has no conversation 5, x; nothing was written"):
        list(chosen(helpdesk(*refusals), choice, lambda _id: False))
