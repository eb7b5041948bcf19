"""Rows of lists that make no sense: they are counted and told, and never end a list."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.faults.conversations import begin, told

if TYPE_CHECKING:
    from tests.faults.conftest import Theatre
    from tests.faults.lab import Lab

ROWS: tuple[Any, ...] = ({}, {"id": None}, {"id": [1]}, None, 5, [])


def spoil(monkeypatch: pytest.MonkeyPatch, lab: Lab, side: str, change: Any) -> None:
    """Let every list of a side's conversations be changed before it is answered."""
    exchange = lab.world.exchange

    def spoilt(where: str, request: Any) -> Any:
        outcome = exchange(where, request)
        if where == side and request.path.endswith(("/conversations", "/conversations/search")):
            body = json.loads(outcome.response.body)
            rows = body["data" if side == "dashly" else "conversations"]
            if not isinstance(rows, list):  # a refusal
                return outcome
            change(rows)
            return replace(outcome, response=replace(outcome.response, body=json.dumps(body).encode()))
        return outcome

    monkeypatch.setattr(lab.world, "exchange", spoilt)


@pytest.mark.parametrize("side", ["dashly", "intercom"])
@pytest.mark.parametrize("row", ROWS, ids=repr)
def test_a_row_without_an_id_stops_no_list(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch, side: str, row: Any
) -> None:
    """The conversations around it are carried, and somebody hears of it."""
    lab = theatre.bound()
    for number in range(3):
        begin(lab, side, f"question {number}.")
    spoil(monkeypatch, lab, side, lambda rows: rows.insert(1, row))

    ran = lab.sync()

    other = "intercom" if side == "dashly" else "dashly"
    assert [told(lab, other, f"question {number}.") for number in range(3)] == [1] * 3
    assert (ran.code, ran.error) == (1, None)
    assert any("conversations without an id" in line for line in ran.attention)


@pytest.mark.parametrize(("side", "version"), [("dashly", "2.16"), ("intercom", "1.4")])
@pytest.mark.parametrize("value", [-1, 0, None, "soon"])
def test_a_row_with_an_odd_time_ends_no_list(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch, side: str, version: str, value: Any
) -> None:
    """Only a sensible time tells that the rest of a list is older."""
    lab = theatre.bound(settings={"intercom": {"api_version": version}})
    for number in range(4):
        begin(lab, side, f"question {number}.")
        lab.time.sleep(2)
    field = "last_update" if side == "dashly" else "updated_at"
    spoil(monkeypatch, lab, side, lambda rows: rows[1].update({field: value}) if len(rows) > 1 else None)

    lab.sync()

    other = "intercom" if side == "dashly" else "dashly"
    assert [told(lab, other, f"question {number}.") for number in range(4)] == [1] * 4
