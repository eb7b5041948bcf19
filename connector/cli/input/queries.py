"""The options that choose past conversations, shared by `backfill` and `plan backfill`."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

import click

from connector.app.passes import Choice
from connector.cli.input.id_file import read_ids
from connector.cli.input.times import WHEN
from connector.engine.past.choice import Order, refuse_contradictions
from connector.errors import ConfigError
from connector.helpdesk.query import HistoryQuery
from connector.host.clock import SystemClock
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
    click.option("--assignee", metavar="ID", help="Only conversations assigned to this agent of the source."),
    click.option(
        "--channel",
        "team",
        metavar="ID",
        help="Only conversations in this channel of Dashly, or of this team of Intercom.",
    ),
    click.option("--id", "ids", multiple=True, metavar="ID", help="Only this conversation; may repeat."),
    click.option(
        "--id-file",
        type=click.Path(exists=True, dir_okay=False, readable=False, path_type=Path),
        metavar="FILE",
        help="Only the conversations whose ids are in this file, one a line.",
    ),
    click.option("--limit", type=click.IntRange(min=1), help="Stop after this many conversations."),
    click.option(
        "--order",
        type=click.Choice([order.value for order in Order]),
        default=Order.CLOSED_FIRST.value,
        help="Which conversations come first [closed-first].",
    ),
    click.option(
        "--sample",
        type=click.IntRange(1, 1000),
        metavar="N",
        help="Only N conversations, of as many kinds as there are.",
    ),
    click.option(
        "--source",
        "file",
        type=click.Path(exists=True, dir_okay=False, readable=False, path_type=Path),
        metavar="FILE",
        help="Read the conversations from this export; only what changed since is asked for.",
    ),
    click.option(
        "--files",
        "folder",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        metavar="FOLDER",
        help="Take attachments from this folder of the export.",
    ),
)


@dataclass(frozen=True, slots=True)
class _Given:
    """The options as they were given."""

    source: str
    since: float | None
    until: float | None
    tag: str | None
    status: str | None
    assignee: str | None
    team: str | None
    ids: tuple[str, ...]
    id_file: Path | None
    limit: int | None
    order: str
    sample: int | None
    file: Path | None
    folder: Path | None

    def choice(self) -> Choice:
        """Return what they choose; ConfigError when they contradict each other."""
        status = None if self.status is None else State(self.status)
        query = HistoryQuery(self.since, self.until, self.tag, status, self.assignee, self.team)
        if self.ids and self.id_file is not None:
            raise ConfigError("--id and --id-file both name conversations", hint="leave one of them out")
        choice = Choice(
            source=Side(self.source),
            query=query,
            limit=self.limit,
            ids=self.ids if self.id_file is None else read_ids(self.id_file),
            id_file=self.id_file,
            order=Order(self.order),
            sample=self.sample,
            file=self.file,
            folder=self.folder,
        )
        refuse_contradictions(choice, SystemClock().now())
        return choice


def choosing(function: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options that choose past conversations, as one ``choice``."""

    @wraps(function)
    def wrapper(*args: object, **kwargs: object) -> int:
        given = _Given(**{f.name: kwargs.pop(f.name) for f in fields(_Given)})  # type: ignore[arg-type]
        return function(*args, choice=given.choice(), **kwargs)

    # Decorators apply from the inside out.
    for option in reversed(OPTIONS):
        wrapper = option(wrapper)
    return wrapper
