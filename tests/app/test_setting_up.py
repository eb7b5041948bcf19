"""Who may be who, as the first configuration proposes it."""

from __future__ import annotations

from connector.app.setting_up import Proposal, Seen, propose
from connector.engine.plan.policy import MatchedBy
from connector.helpdesk.port import Workspace
from mappings.model import Agent, AuthorKind, Side

NORA, NORA_THERE = Agent("1", "Nora Field"), Agent("11", "Nora Field")
ROBIN, ROBIN_THERE = Agent("2", "Robin Marsh"), Agent("12", "Robin Marsch")


def proposed(dashly: tuple[Agent, ...], intercom: tuple[Agent, ...]) -> tuple[Proposal, ...]:
    """Return the proposals for teammates of both sides."""
    at = Workspace("ws", "Shop")
    return propose({Side.DASHLY: Seen(at, dashly), Side.INTERCOM: Seen(at, intercom)})


def test_a_rule_gives_its_reason_and_a_guess_has_none() -> None:
    """Each teammate of Dashly once, in their order; nobody similar is said as well."""
    tess = Agent("3", "Tess Quill")

    assert proposed((NORA, ROBIN, tess), (ROBIN_THERE, NORA_THERE)) == (
        Proposal(NORA, NORA_THERE, MatchedBy.NAME),
        Proposal(ROBIN, ROBIN_THERE, None),
        Proposal(tess, None, None),
    )


def test_who_is_matched_already_is_nobodys_guess() -> None:
    """Else agents' words would be put into a colleague's mouth by taking away one mark."""
    other = Agent("4", "Nora Fields")

    assert proposed((NORA, other), (NORA_THERE,)) == (
        Proposal(NORA, NORA_THERE, MatchedBy.NAME),
        Proposal(other, None, None),
    )


def test_bots_and_teams_are_nobody() -> None:
    """Nobody is a bot's counterpart, and a bot nobody's."""
    bot, team = (
        Agent("5", "Robin Marsh", kind=AuthorKind.BOT),
        Agent("13", "Robin Marsh", kind=AuthorKind.TEAM),
    )

    assert proposed((ROBIN, bot), (team,)) == (Proposal(ROBIN, None, None),)
