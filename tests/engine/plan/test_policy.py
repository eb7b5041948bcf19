"""Who is who on the other side."""

from __future__ import annotations

from typing import Any

import pytest

from connector.engine.plan.policy import AgentMap, MatchedBy, match_agents, without_absent
from mappings.model import Agent, Author, AuthorKind, Side

D, IC = Side.DASHLY, Side.INTERCOM


def matched(
    dashly: list[Agent], intercom: list[Agent], configured: dict[str, str] | None = None
) -> dict[str, str]:
    """Return who was matched, Dashly to Intercom."""
    found = match_agents({D: tuple(dashly), IC: tuple(intercom)}, configured or {})
    return dict(found.to_other[D])


@pytest.mark.parametrize(
    ("dashly", "intercom"),
    [
        (Agent("1", "A", "Anna@Example.com"), Agent("11", "B", "anna@example.com")),
        (Agent("1", "Anna <anna@example.com>"), Agent("11", "B", "anna@example.com")),
        (Agent("1", "anna@example.com"), Agent("11", "B", "anna@example.com")),
        (Agent("1", " Anna  Berg"), Agent("11", "anna berg")),
    ],
)
def test_equal_people_are_matched(dashly: Agent, intercom: Agent) -> None:
    """By e-mail, also one that is in the name, else by name; case and space do not matter."""
    assert matched([dashly], [intercom]) == {"1": "11"}


def test_the_configuration_wins() -> None:
    """A configured pair stands although e-mails say otherwise, and its Intercom agent is taken."""
    dashly = [Agent("1", "A", "a@x.y"), Agent("2", "B", "b@x.y")]
    intercom = [Agent("11", "A", "a@x.y"), Agent("12", "B", "b@x.y")]

    assert matched(dashly, intercom, {"2": "11"}) == {"2": "11"}


@pytest.mark.parametrize(
    ("dashly", "by"),
    [
        (Agent("1", "Anna", "Anna@Example.com"), MatchedBy.INTERNAL_NAME),
        (Agent("1", "Anna <anna@example.com>"), MatchedBy.EMAIL),
        (Agent("1", "ANNA BERG"), MatchedBy.NAME),
        (Agent("2", "Anna Berg", "anna@example.com"), MatchedBy.MAP),
    ],
)
def test_what_says_so_is_known(dashly: Agent, by: MatchedBy) -> None:
    """An address in Dashly's internal name is told from one that everybody sees."""
    intercom = (Agent("11", "Anna Berg", "anna@example.com"),)

    assert dict(
        match_agents({D: (dashly,), IC: intercom}, {"2": "11"} if by is MatchedBy.MAP else {}).by
    ) == {dashly.id: by}


def test_an_email_wins_over_a_name() -> None:
    """Two people who swapped names are told apart by their addresses."""
    dashly = [Agent("1", "Anna", "a@x.y"), Agent("2", "Bert", "b@x.y")]
    intercom = [Agent("11", "Bert", "a@x.y"), Agent("12", "Anna", "b@x.y")]

    assert matched(dashly, intercom) == {"1": "11", "2": "12"}


@pytest.mark.parametrize("twice_on", list(Side))
def test_a_name_that_two_people_bear_matches_nobody(twice_on: Side) -> None:
    """A guess between two people is not a match."""
    one, two = [Agent("1", "Anna")], [Agent("11", "Anna"), Agent("12", "anna")]

    assert matched(*((one, two) if twice_on is IC else (two, one))) == {}


def test_bots_and_teams_are_nobody_s_counterpart() -> None:
    """Only people are matched with people."""
    dashly = [Agent("1", "Robi", kind=AuthorKind.BOT), Agent("2", "Sales", kind=AuthorKind.TEAM)]
    intercom = [Agent("11", "Robi"), Agent("12", "Sales", kind=AuthorKind.TEAM)]

    assert matched(dashly, intercom) == {}


def test_nobody_is_matched_by_an_empty_name() -> None:
    """Two people without a name are not the same person."""
    assert matched([Agent("1", "")], [Agent("11", " ")]) == {}


def test_one_person_stands_for_one() -> None:
    """An Intercom agent that an e-mail took is not given to a namesake too."""
    dashly = [Agent("1", "X", "a@x.y"), Agent("2", "Anna")]

    assert matched(dashly, [Agent("11", "Anna", "a@x.y")]) == {"1": "11"}


def test_the_way_back_is_the_same_person() -> None:
    """Every match leads back to where it came from, also when two were configured to one."""
    found = match_agents({D: (), IC: ()}, {"1": "11", "2": "11", "3": "13"})

    assert found.of(IC, "11") == "1"
    assert found.of(D, "2") == "11"
    assert (found.of(IC, "99"), found.of(IC, None)) == (None, None)


def test_a_voice_is_the_person_the_default_or_the_bot(make: Any) -> None:
    """A mapped agent speaks for themselves, an unmapped one through the default, a bot through the bot."""
    policy = make.policy(agents=AgentMap({D: {"1": "11"}, IC: {"11": "1"}}))

    assert policy.speaker_for(D, Author(AuthorKind.AGENT, "1")) == ("11", True)
    assert policy.speaker_for(D, Author(AuthorKind.AGENT, "2")) == ("990", False)
    assert policy.speaker_for(IC, Author(AuthorKind.BOT, "b")) == ("98", False)


def test_a_line_of_the_map_is_known_by_either_of_its_ids() -> None:
    """Also once the teammate of Intercom is gone; what only a name says is not a line."""
    nora, other = Agent(id="2", name="Nora"), Agent(id="12", name="Nora")
    found = without_absent(match_agents({D: (nora,), IC: (other,)}, {"1": "11"}), {"12"})

    assert (found.is_configured(D, "1"), found.is_configured(IC, "11")) == (True, True)
    assert (found.is_configured(D, "2"), found.is_configured(IC, "12")) == (False, False)
