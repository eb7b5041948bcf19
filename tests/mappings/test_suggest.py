"""Suggesting counterparts: likely ones only, each once, and nobody where it is a toss-up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.model import Agent, AuthorKind
from mappings.suggest import suggest

NORA = Agent("i1", "Nora Field", "nora.field@shop.example")
ILYA = Agent("i2", "Ilya Brandt", "ilya@shop.example")
PRIYA = Agent("i3", "Priya Raman", "p.raman@shop.example")
FIN = Agent("i9", "Tess Quill", kind=AuthorKind.BOT)


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (Agent("1", "Nora Field (tier 2)"), NORA),
        (Agent("1", "nora field"), NORA),
        (Agent("1", "Field, Nora"), NORA),
        (Agent("1", "Nora F."), NORA),
        (Agent("1", "Nora"), NORA),
        (Agent("1", "Nóra Field"), NORA),
        (Agent("1", "Support", "nora.field@old.example"), NORA),
        (Agent("1", "nora.field@old.example"), NORA),
        (Agent("1", "Ilja Brandt"), ILYA),
        (Agent("1", "P Raman"), PRIYA),
        (Agent("1", "Tess Quill"), None),
        (Agent("1", ""), None),
        (Agent("1", "…"), None),
        (Agent("1", "Nora Field", kind=AuthorKind.BOT), None),
    ],
)
def test_likely_counterpart(agent, expected):
    """Names in another order, short forms, accents, typing slips and addresses are recognised."""
    assert suggest([agent], [NORA, ILYA, PRIYA, FIN]).get("1") == expected


def test_nobody_is_suggested_where_two_are_likely():
    """Two people of the same first name are no suggestion for a first name alone."""
    assert suggest([Agent("1", "Nora")], [NORA, Agent("i4", "Nora Bell")]) == {}


def test_nobody_is_suggested_twice():
    """Of two agents who may be the same person, only the likelier gets the suggestion."""
    assert suggest([Agent("1", "Nora"), Agent("2", "Nora Field")], [NORA]) == {"2": NORA}


AGENTS = st.lists(
    st.builds(
        Agent, st.uuids().map(str), st.text("abn .@(é", max_size=8), st.none() | st.text("abn.@", max_size=8)
    ),
    max_size=5,
)


@given(AGENTS, AGENTS)
def test_suggestions_are_one_to_one(agents, others):
    """Whatever the names are, each agent is suggested at most once, and only people who exist."""
    found = suggest(agents, others)

    assert set(found) <= {agent.id for agent in agents}
    assert len({other.id for other in found.values()}) == len(found)
    assert {other.id for other in found.values()} <= {other.id for other in others}
