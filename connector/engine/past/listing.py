"""Reading what was chosen from the source, in order; whatever cannot be found is refused by name."""

from __future__ import annotations

from dataclasses import replace
from heapq import nsmallest
from itertools import chain, islice
from typing import TYPE_CHECKING

from connector.engine.past.choice import Order
from connector.engine.past.spread import SAMPLED_FROM, spread
from connector.errors import ConfigError, Rejected
from mappings.model import Side
from mappings.names import TITLES
from mappings.text import tag_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connector.engine.past.choice import Choice
    from connector.helpdesk.port import Helpdesk
    from mappings.model import Conversation
    from state.records import Pair

NAMED = 5  # at most so many unknown ids are named in a sentence
Found = tuple["Conversation", "Pair | None"]


def chosen(helpdesk: Helpdesk, choice: Choice, is_known: Callable[[str], bool]) -> Iterator[Conversation]:
    """Yield the listed conversations that were chosen; ConfigError for what cannot be.

    A conversation of a pair that was deleted since is passed over: the sync deals with it.
    """
    if choice.ids:
        yield from _named(helpdesk, choice.ids, is_known)
        return
    _refuse_impossible(helpdesk, choice)
    found = _queried(helpdesk, choice)
    yield from found if choice.sample is None else spread(islice(found, SAMPLED_FROM), choice.sample)


def first(choice: Choice, found: Iterator[Found]) -> Iterator[Found]:
    """Yield as many as were asked for, those that come first."""
    if choice.limit is None or choice.comes_in_order:
        return islice(found, choice.limit)
    ranked = enumerate(found)
    # Only the wanted ones are held at any time.
    best = nsmallest(choice.limit, ranked, key=lambda one: choice.rank(one[1][0], one[0]))
    return (one for _, one in best)


def _queried(helpdesk: Helpdesk, choice: Choice) -> Iterator[Conversation]:
    query = choice.query
    if query.status is not None or choice.order is not Order.CLOSED_FIRST or choice.limit is None:
        return helpdesk.history(query)
    # A few of many: a second list costs less than reading the first to its end.
    parts = (replace(query, closed=closed) for closed in (True, False))
    return chain.from_iterable(helpdesk.history(part) for part in parts)


def _named(
    helpdesk: Helpdesk, ids: tuple[str, ...], is_known: Callable[[str], bool]
) -> Iterator[Conversation]:
    unknown: list[str] = []
    for conversation in dict.fromkeys(ids):
        try:
            yield helpdesk.conversation(conversation)
        except Rejected:  # gone, or no id that this side could have given
            if not is_known(conversation):
                unknown.append(conversation)
    if unknown:
        told = ", ".join(unknown[:NAMED])
        more = f" and {len(unknown) - NAMED} more" if len(unknown) > NAMED else ""
        raise ConfigError(
            f"{TITLES[helpdesk.side]} has no conversation {told}{more}; nothing was written",
            hint=f"correct --id: it takes ids of {TITLES[helpdesk.side]}",
        )


def _refuse_impossible(helpdesk: Helpdesk, choice: Choice) -> None:
    """Refuse a tag, channel, team or teammate that the side certainly does not have."""
    query, side, title = choice.query, choice.source, TITLES[choice.source]
    hint = "connector mapping check"
    if query.team is not None:
        there = {team.id for team in helpdesk.teams()}
        word = "channel" if side is Side.DASHLY else "team"
        if there and query.team not in there:
            raise ConfigError(f"{title} has no {word} {query.team}", hint=hint)
    # Dashly lists neither its tags nor everybody who is assigned.
    if side is Side.DASHLY:
        return
    if query.assignee is not None:
        there = {agent.id for agent in helpdesk.agents()}
        if there and query.assignee not in there:
            raise ConfigError(f"{title} has no teammate {query.assignee}", hint=hint)
    if query.tag is not None and "tags" not in helpdesk.lists_refused:
        names = helpdesk.tags()
        if "tags" not in helpdesk.lists_refused and tag_key(query.tag) not in map(tag_key, names):
            raise ConfigError(f"{title} has no tag {query.tag!r}", hint=f"look at the tags of {title}")
