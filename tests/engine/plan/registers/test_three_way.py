"""The laws of the three-way merge."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.config.choices import Prefer
from connector.engine.plan.registers.three_way import (
    Change,
    Outcome,
    Rule,
    awake,
    merge,
    merge_tags,
    safer_side,
)
from mappings.model import CLOSED, OPEN, Side, State, Status

D, IC = Side.DASHLY, Side.INTERCOM
values = st.sampled_from(["a", "b", "c", None])
times = st.none() | st.floats(0, 100)
prefers = st.sampled_from(Prefer)
sides = st.sampled_from(Side)
tags = st.frozensets(st.sampled_from("abcdef"), max_size=6)
both = {"prefer": prefers, "skew": st.floats(0, 50), "tie": sides}


def merged(outcome: Outcome, changes: dict[Side, Change[str | None]]) -> dict[Side, str | None]:
    """Return what each side shows once the outcome was carried out."""
    if outcome.winner is None:
        return {side: changes[side].now for side in Side}
    return dict.fromkeys(Side, changes[outcome.winner].now)


def run(
    x: str | None, y: str | None, base: str | None, at: dict[Side, float | None], **how: Any
) -> tuple[Outcome, dict[Side, Change[str | None]]]:
    """Merge one register whose base is the same on both sides."""
    changes = {D: Change(x, base, at[D]), IC: Change(y, base, at[IC])}
    return merge(changes, same=x == y, **how), changes


@given(values, values, times, times, st.fixed_dictionaries(both))
def test_the_same_change_on_both_sides_is_kept(
    x: str | None, base: str | None, dashly: float | None, intercom: float | None, how: dict[str, Any]
) -> None:
    """merge(x, x, base) = x, and nobody loses."""
    outcome, changes = run(x, x, base, {D: dashly, IC: intercom}, **how)

    assert merged(outcome, changes) == {D: x, IC: x}
    assert outcome.rule is None
    assert outcome.agree == (x != base)


@given(values, values, times, sides, st.fixed_dictionaries(both))
def test_a_change_on_one_side_is_carried_over(
    y: str | None, base: str | None, at: float | None, changed: Side, how: dict[str, Any]
) -> None:
    """merge(base, y, base) = y whatever the preference, since only one side did anything."""
    x, z = (y, base) if changed is D else (base, y)
    outcome, changes = run(x, z, base, {changed: at, changed.other: None}, **how)

    assert merged(outcome, changes) == {D: y, IC: y}
    assert outcome.rule is None


@given(values, values, values, times, times, st.fixed_dictionaries(both))
def test_swapping_the_sides_swaps_the_outcome(
    x: str | None,
    y: str | None,
    base: str | None,
    dashly: float | None,
    intercom: float | None,
    how: dict[str, Any],
) -> None:
    """Neither side is special: the mirrored question has the mirrored answer."""
    swapped = {Prefer.DASHLY: Prefer.INTERCOM, Prefer.INTERCOM: Prefer.DASHLY}
    there = {**how, "prefer": swapped.get(how["prefer"], how["prefer"]), "tie": how["tie"].other}

    outcome, _ = run(x, y, base, {D: dashly, IC: intercom}, **how)
    mirrored, _ = run(y, x, base, {D: intercom, IC: dashly}, **there)

    assert mirrored.agree == outcome.agree
    assert mirrored.winner == (outcome.winner.other if outcome.winner else None)
    mirrored_rules = {Rule.DASHLY: Rule.INTERCOM, Rule.INTERCOM: Rule.DASHLY, None: None}
    assert mirrored.rule == mirrored_rules.get(outcome.rule, outcome.rule)


@given(values, values, values, times, times, st.fixed_dictionaries(both))
def test_a_second_merge_has_nothing_to_do(
    x: str | None,
    y: str | None,
    base: str | None,
    dashly: float | None,
    intercom: float | None,
    how: dict[str, Any],
) -> None:
    """Once the result is the new base, nothing changed any more; only a person's decision stays open."""
    outcome, changes = run(x, y, base, {D: dashly, IC: intercom}, **how)
    now = merged(outcome, changes)
    if outcome.rule is Rule.MANUAL:
        assert outcome.winner is None
        return

    again = merge({side: Change(now[side], now[side]) for side in Side}, same=True, **how)

    assert Outcome() == again
    assert now[D] == now[IC]


@pytest.mark.parametrize(
    ("dashly", "intercom", "expected"),
    [
        (100.0, 50.0, Outcome(D, rule=Rule.NEWER)),
        (50.0, 100.0, Outcome(IC, rule=Rule.NEWER)),
        (100.0, 97.0, Outcome(IC, rule=Rule.TIE)),  # within skew 1 + 2 s
        (100.0, 96.9, Outcome(D, rule=Rule.NEWER)),
        (None, 100.0, Outcome(IC, rule=Rule.TIE)),  # no time on one side
        (100.0, None, Outcome(IC, rule=Rule.TIE)),
    ],
)
def test_newer_wins_only_beyond_the_skew(
    dashly: float | None, intercom: float | None, expected: Outcome
) -> None:
    """Times are compared only when both sides give one and they differ by more than clocks do."""
    outcome, _ = run("x", "y", "b", {D: dashly, IC: intercom}, prefer=Prefer.NEWER, skew=1.0, tie=IC)

    assert outcome == expected


@given(tags, tags, tags)
def test_tags_merge_to_one_set(
    base: frozenset[str], dashly: frozenset[str], intercom: frozenset[str]
) -> None:
    """(base - removed by either) + added by either; nothing comes back and nothing is made up."""
    wanted = merge_tags({D: dashly, IC: intercom}, {D: base, IC: base})

    assert wanted[D] == wanted[IC]
    assert wanted[D].isdisjoint(base - dashly)
    assert wanted[D].isdisjoint(base - intercom)
    assert wanted[D] <= dashly | intercom
    assert wanted[D] >= (dashly - base) | (intercom - base) | (base & dashly & intercom)


@given(tags, tags, tags, tags)
def test_tags_merge_alike_from_either_side(
    base: frozenset[str], other: frozenset[str], dashly: frozenset[str], intercom: frozenset[str]
) -> None:
    """Swapping the sides, each with its own base, swaps the result."""
    there = merge_tags({D: dashly, IC: intercom}, {D: base, IC: other})
    back = merge_tags({D: intercom, IC: dashly}, {D: other, IC: base})

    assert {side: there[side.other] for side in Side} == back


@given(tags, tags, tags)
def test_tags_merged_twice_stay(
    base: frozenset[str], dashly: frozenset[str], intercom: frozenset[str]
) -> None:
    """The result as the new base and value has nothing left to do."""
    wanted = merge_tags({D: dashly, IC: intercom}, {D: base, IC: base})

    assert merge_tags(wanted, wanted) == wanted


@given(tags, tags)
def test_a_first_link_joins_the_tags(dashly: frozenset[str], intercom: frozenset[str]) -> None:
    """Without a base nothing counts as removed."""
    empty = dict.fromkeys(Side, frozenset[str]())

    assert merge_tags({D: dashly, IC: intercom}, empty) == dict.fromkeys(Side, dashly | intercom)


statuses = st.sampled_from([OPEN, CLOSED, Status(State.SNOOZED, 5.0)])


@given(statuses, statuses, sides)
def test_the_safer_status_wins_a_tie(dashly: Status, intercom: Status, tie: Side) -> None:
    """Open before snoozed before closed: a wrongly closed conversation loses a customer."""
    order = [State.CLOSED, State.SNOOZED, State.OPEN]
    shown = {D: dashly, IC: intercom}

    winner = safer_side(shown, tie)

    assert order.index(shown[winner].state) == max(order.index(s.state) for s in shown.values())
    assert dashly.state != intercom.state or winner is tie


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status(State.SNOOZED, 100.0), OPEN),
        (Status(State.SNOOZED, 100.5), Status(State.SNOOZED, 100.5)),
        (Status(State.SNOOZED), Status(State.SNOOZED)),
        (CLOSED, CLOSED),
    ],
)
def test_a_snooze_that_ran_out_is_open(status: Status, expected: Status) -> None:
    """The end of a timer is neither a human act nor a change."""
    assert awake(status, 100.0) == expected
