"""Suggesting counterparts: likely ones only, each once, and nobody where it is a toss-up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.model import Agent, AuthorKind
from mappings.suggest import suggest, suggest_tags, suggest_teams

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
    """Two people of the same first name are not a suggestion for a first name alone."""
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


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("vip client", "VIP-client"),
        ("VIPclient", "VIP-client"),
        ("client_vip", "VIP-client"),
        ("#vip client", "VIP-client"),
        ("vip-clients", "VIP-client"),
        ("vip", None),
        ("refunds", "Refund"),
        ("réfund", "Refund"),
        ("plan 2024", None),
        ("unverified", None),
        ("c", None),
        ("", None),
        ("-", None),
        ("🔥", None),
    ],
)
def test_a_clearly_similar_tag(tag, expected):
    """Separators, order, case, accents and endings are seen through; numbers and opposites tell apart."""
    there = ["VIP-client", "Refund", "plan 2023", "verified", "c++", "", "🔥🔥"]

    assert suggest_tags([tag], there).get(tag) == expected


def test_a_tag_is_suggested_once():
    """Two tags that may both be one of the other side get no suggestion; merging them is for a person."""
    assert suggest_tags(["vip client", "vip_client"], ["VIP-client"]) == {}
    assert suggest_tags(["vip client"], ["VIP-client", "VIP_client"]) == {}
    assert suggest_tags(["refunds", "refund"], ["Refund!"]) == {}


def _place(key, name):
    return Agent(key, name, kind=AuthorKind.TEAM)


def test_a_team_of_the_same_name():
    """Equal and clearly similar names are found, by several channels too; nothing where it is a toss-up."""
    teams = [
        _place("9001", "Billing"),
        _place("9002", "Tech-support"),
        _place("9003", "Sales"),
        _place("9", ""),
    ]
    channels = [
        _place("1", "billing"),
        _place("2", "Biling"),
        _place("3", "Tech support"),
        _place("4", "Shop bot"),
        _place("5", ""),
    ]

    found = suggest_teams(channels, teams)

    assert {key: team.id for key, team in found.items()} == {"1": "9001", "2": "9001", "3": "9002"}
    assert suggest_teams(channels[:1], [*teams, _place("9009", "Billing")]) == {}
    assert suggest_teams(channels[:1], [*teams, _place("9009", "Billings")]) == {"1": teams[0]}


NAMES = st.lists(st.text("abAB12 -_é", max_size=6) | st.text(max_size=4), max_size=6)


@given(NAMES, NAMES)
def test_suggested_tags_are_one_to_one(tags, others):
    """Whatever the names are, only tags that exist are suggested, and each once."""
    found = suggest_tags(tags, others)

    assert set(found) <= set(tags)
    assert set(found.values()) <= set(others)
    assert len(set(found.values())) == len(found)
