"""The options that choose past conversations, shared by `backfill` and `plan backfill`."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING

import click

from connector.app.passes import Choice
from connector.cli.input.times import WHEN
from connector.helpdesk.port import HistoryQuery
from mappings.model import Side, State

if TYPE_CHECKING:
    from collections.abc import Callable

OPTIONS = (
    click.option(
        "--from",
        "source",
        required=True,
        type=click.Choice([side.value for side in Side]),
        help="The side to read.",
    ),
    click.option("--since", type=WHEN, help="Only conversations that changed since then."),
    click.option("--until", type=WHEN, help="Only conversations that did not change after then."),
    click.option("--tag", help="Only conversations with this tag."),
    click.option(
        "--status",
        type=click.Choice([state.value for state in State]),
        help="Only conversations in this status.",
    ),
    click.option("--assignee", metavar="ID", help="Only conversations of this agent of the source."),
    click.option("--id", "ids", multiple=True, metavar="ID", help="Only this conversation; may repeat."),
    click.option("--limit", type=click.IntRange(min=1), help="Stop after this many conversations."),
)


def choosing(function: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options that choose past conversations, as one ``choice``."""

    @wraps(function)
    def wrapper(*args: object, **kwargs: object) -> int:
        names = ("since", "until", "tag", "status", "assignee")
        chosen = {name: kwargs.pop(name) for name in names}
        status = chosen.pop("status")
        query = HistoryQuery(status=State(str(status)) if status else None, **chosen)  # type: ignore[arg-type]
        limit = kwargs.pop("limit")
        ids = kwargs.pop("ids")
        choice = Choice(
            source=Side(str(kwargs.pop("source"))),
            query=query,
            limit=limit if isinstance(limit, int) else None,
            ids=ids if isinstance(ids, tuple) else (),
        )
        return function(*args, choice=choice, **kwargs)

    # Decorators apply from the inside out.
    for option in reversed(OPTIONS):
        wrapper = option(wrapper)
    return wrapper
