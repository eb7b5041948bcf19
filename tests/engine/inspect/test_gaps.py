"""Entries of [map] that cannot work, and what has no counterpart, as values."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from connector.config.model import MapConfig
from connector.engine.inspect.gaps import NO_TAGS, NO_TEAMS, NOT_A_SOURCE, Gaps, find_gaps
from connector.engine.inspect.map_faults import FaultKind, Shown, faults, unworkable
from connector.engine.plan.policy import match_agents
from mappings.model import Agent, AuthorKind, Side

if TYPE_CHECKING:
    from connector.engine.plan.policy import Policy

D, IC = Side.DASHLY, Side.INTERCOM
NORA, TESS = Agent("11", "Nora Field"), Agent("12", "Tess (weekends)")
NORA_THERE, TESS_THERE = Agent("81", "Nora Field"), Agent("82", "Tess Quill")
BILLING, BOT = (Agent(key, name, kind=AuthorKind.TEAM) for key, name in (("31", "Billing"), ("32", "Bot")))
TEAM, TECH = (Agent(key, name, kind=AuthorKind.TEAM) for key, name in (("91", "billing"), ("92", "Tech")))
TAGS = {D: frozenset({"vip client", "Bug", "new"}), IC: frozenset({"VIP-client", "bug", "refund"})}


def by_id(*agents: Agent) -> dict[str, Agent]:
    """Return agents by their ids."""
    return {agent.id: agent for agent in agents}


SHOWN = Shown(
    {D: by_id(NORA, TESS), IC: by_id(NORA_THERE, TESS_THERE)},
    {D: by_id(BILLING, BOT), IC: by_id(TEAM, TECH)},
    TAGS,
)


def entries(**tables: dict[str, str]) -> MapConfig:
    """Return [map] with these tables."""
    return MapConfig.model_validate(tables)


def gaps(policy: Policy, shown: Shown = SHOWN, **tables: dict[str, str]) -> Gaps:
    """Return what has no counterpart under these tables of [map]."""
    given = entries(**tables)
    agents = {side: tuple(shown.agents[side].values()) for side in Side}
    met: dict[Side, tuple[Agent, ...]] = dict.fromkeys(Side, ())
    return find_gaps(shown, met, given, replace(policy, agents=match_agents(agents, given.admins)))


@pytest.fixture
def policy(make: Any) -> Policy:
    """A policy of both directions."""
    found: Policy = make.policy()
    return found


@pytest.mark.parametrize(
    ("refused", "agents", "teams", "tables"),
    [
        ("channels", {}, {D: {}, IC: by_id(TEAM)}, {"channels": {"31": "team:91"}}),
        ("teams", {}, {D: by_id(BILLING), IC: {}}, {"channels": {"31": "team:91"}}),
        ("teammates", {D: by_id(NORA), IC: {}}, {}, {"admins": {"11": "81"}}),
    ],
)
def test_what_a_token_may_not_see_is_not_called_wrong(
    refused: str, agents: Any, teams: Any, tables: dict[str, dict[str, str]]
) -> None:
    """Its list is empty, and the ids in [map] may be right."""
    shown = Shown(agents or SHOWN.agents, teams or SHOWN.teams, TAGS)
    assert unworkable(faults(entries(**tables), shown))
    assert not unworkable(faults(entries(**tables), replace(shown, refused=frozenset({refused}))))


@pytest.mark.parametrize(
    ("table", "lines"),
    [
        ({"admins": {"11": "81", "12": "82"}}, []),
        ({"admins": {"99": "81"}}, ['"99" = "81": no channel and no conversation of Dashly shows']),
        ({"admins": {"31": "81"}}, ["31 is the channel Billing"]),
        ({"admins": {"11": "99"}}, ["Intercom has no teammate 99"]),
        ({"admins": {"11": "91"}}, ["91 is the team billing, and only a teammate can write"]),
        ({"channels": {"31": "team:91", "32": "team:91"}}, []),
        ({"channels": {"99": "team:91"}}, ["Dashly has no channel 99"]),
        ({"channels": {"31": "team:99"}}, ["Intercom has no team 99"]),
        ({"channels": {"31": "team:81"}}, ["81 is the teammate Nora Field, not a team"]),
        ({"tags": {"vip client": "VIP-client", "other": "new"}}, ['"new" and "other" are both "new"']),
        ({"tags": {"vip client": "VIP-client"}}, []),
        ({"tags": {"a": "b", "b": "c"}}, []),
        ({"tags": {"a": "X", "b": " x "}}, ['"a" and "b" are both "X"']),
        ({"tags": {"": "X"}}, ["a tag without a name"]),
        ({"tags": {"a": "  "}}, ["a tag without a name"]),
        ({"tags": {"a": "X", "A ": "Y"}}, ['"a" and "A " are the same tag: only the last line counts']),
        ({"tags": {"vip": "VIP"}}, []),
        ({"tags": {"fault": "bug"}}, ['"Bug" and "fault" are both "bug"']),
    ],
)
def test_entries_that_cannot_work(table: dict[str, dict[str, str]], lines: list[str]) -> None:
    """Each is one line that names the table and the reason; what works is not mentioned."""
    found = faults(entries(**table), SHOWN)

    assert len(found) == len(lines)
    assert all(expected in fault.told for expected, fault in zip(lines, found, strict=True))
    assert all(fault.told.startswith(f"[map.{next(iter(table))}]") for fault in found)


@pytest.mark.parametrize(
    ("table", "kind", "stops"),
    [
        ({"admins": {"11": "99"}}, FaultKind.WRONG_ID, True),
        ({"admins": {"31": "81"}}, FaultKind.WRONG_ID, True),
        ({"channels": {"31": "team:81"}}, FaultKind.WRONG_ID, True),
        ({"admins": {"99": "81"}}, FaultKind.UNSEEN, False),
        ({"tags": {"a": "X", "b": "x"}}, FaultKind.MERGED, False),
        ({"tags": {"": "X"}}, FaultKind.TAG_TWICE, True),
    ],
)
def test_only_what_is_surely_wrong_stops_a_run(
    table: dict[str, Any], kind: FaultKind, *, stops: bool, policy: Policy
) -> None:
    """Who is merely not shown may exist, and what merges two tags works: those are warnings, with 0."""
    (found,) = faults(entries(**table), SHOWN)

    assert (found.kind, bool(unworkable([found]))) == (kind, stops)
    assert gaps(policy, **table).exit_code == int(stops)


def test_ids_of_one_number_are_told_apart() -> None:
    """A teammate who has the id of a team is a teammate all the same."""
    twin = Agent("91", "Tess Quill")
    both = replace(SHOWN, agents={**SHOWN.agents, IC: by_id(twin)})

    assert faults(entries(admins={"11": "91"}, channels={"31": "team:91"}), both) == ()


def test_what_has_no_counterpart(policy: Policy) -> None:
    """People, channels, teams and new tags are listed, each with its one likely guess."""
    found = gaps(policy)

    assert found.agents == {D: (TESS,), IC: (TESS_THERE,)}
    assert found.agent_guesses == {"12": TESS_THERE}
    assert (found.channels, found.team_guesses, found.teams) == ((BILLING, BOT), {"31": TEAM}, (TEAM, TECH))
    assert [(tag.name, tag.created, tag.guess) for tag in found.tags] == [
        ("new", "new", None),
        ("vip client", "vip client", "VIP-client"),
    ]
    assert (found.warnings, found.remarks, found.exit_code) == ((), (), 0)


def test_channels_and_tags_alone_are_information(policy: Policy) -> None:
    """The exit code is 0 when everybody has a counterpart; an entry that cannot work makes it 1 again."""
    found = gaps(policy, admins={"12": "82"})
    wrong = gaps(policy, admins={"12": "82"}, tags={"": "x"})

    assert found.channels
    assert found.tags
    assert (found.exit_code, wrong.exit_code) == (0, 1)


def test_what_is_mapped_is_not_listed(policy: Policy) -> None:
    """A mapped channel, its team and a mapped tag are gone from the lists, and no guess points at them."""
    found = gaps(policy, channels={"31": "team:91"}, tags={"new": "VIP-client"})

    assert (found.channels, found.teams) == ((BOT,), (TECH,))
    assert [(tag.name, tag.guess) for tag in found.tags] == [("vip client", None)]


def test_a_tag_mapped_to_one_that_is_missing(policy: Policy) -> None:
    """It is created under the name that is in the configuration: a slip there can be seen."""
    found = gaps(policy, tags={"New": "Fresh"})

    assert next((tag.name, tag.created, tag.guess) for tag in found.tags) == ("new", "Fresh", None)
    assert "new" not in [tag.name for tag in gaps(policy, tags={"new": ""}).tags]


def test_a_guess_never_merges_two_tags(policy: Policy) -> None:
    """A tag of Intercom that another tag of Dashly has already is nobody's guess."""
    shown = replace(SHOWN, tags={D: frozenset({"refunds", "refund"}), IC: frozenset({"Refund"})})

    assert [(tag.name, tag.guess) for tag in gaps(policy, shown).tags] == [("refunds", None)]


def test_what_is_not_carried_is_not_listed(policy: Policy) -> None:
    """One direction, a version that cannot tag, a workspace without teams: each is said in a sentence."""
    one_way = gaps(replace(policy, sources=frozenset({IC})))
    cannot = {**policy.capabilities, IC: replace(policy.capabilities[IC], tags=False)}
    no_tags = gaps(replace(policy, capabilities=cannot))
    no_teams = gaps(policy, replace(SHOWN, teams={D: by_id(BILLING), IC: {}}))

    assert (one_way.channels, one_way.teams, one_way.tags, one_way.remarks) == ((), (), (), (NOT_A_SOURCE,))
    assert (no_tags.tags, no_tags.remarks) == ((), (NO_TAGS,))
    assert (no_teams.channels, no_teams.team_guesses, no_teams.remarks) == ((BILLING,), {}, (NO_TEAMS,))


def test_who_is_taken_for_whom_is_told_by_name(policy: Policy) -> None:
    """By the configuration, and by the same name."""
    found = gaps(policy, admins={"12": "82"})

    assert [(one.agent, one.twin) for one in found.matched] == [(NORA, NORA_THERE), (TESS, TESS_THERE)]
