"""What a run would do, without doing it: the same poll, observation and planner, and no writes anywhere."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connector.engine.plan.actions import (
    ChangeTag,
    Form,
    Plan,
    PostWords,
    Redaction,
    SetRegister,
    WriteLedger,
)
from connector.engine.sync.planning import read_and_plan
from connector.errors import Gone
from mappings.model import AuthorKind, Side
from mappings.registers import Register
from mappings.text import tag_key
from state.records import Pair, PairState, Queue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from connector.engine.plan.notices import Notice
    from connector.engine.plan.snapshot import Snapshot
    from connector.engine.sync.poll import Choice
    from connector.engine.sync.run import Run
    from mappings.model import Conversation


CALLS_AROUND_A_START = 3  # the customer, the conversation, and a look at what came of it


@dataclass
class Forecast:
    """Counts of what would be done; ``unmapped`` agents by side and name, ``losses`` by kind.

    ``tags`` would be created in Intercom, ``channels`` of Dashly have no team: both by conversations.
    """

    conversations: int = 0
    created: int = 0
    writes: Counter[str] = field(default_factory=Counter)
    dispositions: Counter[str] = field(default_factory=Counter)
    unmapped: Counter[str] = field(default_factory=Counter)
    channels: Counter[str] = field(default_factory=Counter)
    tags: Counter[str] = field(default_factory=Counter)
    losses: Counter[str] = field(default_factory=Counter)
    notices: list[Notice] = field(default_factory=list)

    def requests(self, reads: Mapping[Side, int]) -> dict[str, int]:
        """Return the API calls that a run would need, by side: the reads of this survey, and its writes."""
        needed = dict(reads)
        for action, count in self.writes.items():
            target, _, form = action.partition(" ")
            needed[Side(target)] += count * (CALLS_AROUND_A_START if form == Form.START else 1)
        needed[Side.INTERCOM] += self.conversations  # each is read once more after it was written to
        return {side.value: needed[side] for side in Side}


def forecast_sync(run: Run) -> Forecast:
    """Return what a sync would do now."""
    rows: list[tuple[Side, str, Pair | None]] = []
    for side in sorted(run.policy.sources):
        rows += _named(run, run.poll.changed(side))
        rows += [(side, pair.ids[side], pair) for pair in run.poll.deleted(side)]
    return _forecast(run, rows)


def forecast_backfill(run: Run, choice: Choice) -> Forecast:
    """Return what a backfill of the chosen conversations would do."""
    return _forecast(run, _named(run, run.poll.past(choice)))


def _named(
    run: Run, rows: Iterable[tuple[Conversation, Pair | None]]
) -> Iterator[tuple[Side, str, Pair | None]]:
    for listing, pair in rows:
        run.reader.expect(listing)
        yield listing.side, listing.id, pair


def _forecast(run: Run, rows: Iterable[tuple[Side, str, Pair | None]]) -> Forecast:
    forecast = Forecast()
    for side, conversation, pair in rows:
        subject = pair or _unknown(side, conversation)
        snapshot, planned = _planned(run, subject, side)
        forecast.conversations += bool(planned.writes)
        forecast.notices += planned.notices
        _count(forecast, planned)
        _unmapped(forecast, snapshot, run)
        if planned.writes:
            forecast.channels.update(_channel_without_team(snapshot, run))
            forecast.tags.update(_tags_to_put_on(planned))
    if forecast.tags:
        forecast.tags = _new_tags(forecast.tags, run.helpdesks[Side.INTERCOM].tags())
    return forecast


def _channel_without_team(snapshot: Snapshot, run: Run) -> Iterator[str]:
    view = snapshot.views.get(Side.DASHLY)
    channel = view.registers.team if view else None
    if channel and Side.DASHLY in run.policy.sources and channel not in run.policy.channels:
        names = {found.id: found.name for found in run.helpdesks[Side.DASHLY].teams()}
        yield f"{Side.DASHLY}:{channel} {names.get(channel, '')}".strip()


def _new_tags(wanted: Counter[str], there: Iterable[str]) -> Counter[str]:
    """Return what would be created: the first spelling of each tag that is not there, in any spelling."""
    known = {tag_key(name): "" for name in there}
    found: Counter[str] = Counter()
    for name, conversations in wanted.items():
        if spelled := known.setdefault(tag_key(name), name):
            found[spelled] += conversations
    return found


def _tags_to_put_on(planned: Plan) -> Iterator[str]:
    for action in planned.actions:
        if isinstance(action, ChangeTag) and action.target is Side.INTERCOM and action.put_on:
            yield action.tag


def _planned(run: Run, pair: Pair, side: Side) -> tuple[Snapshot, Plan]:
    """Return what a run would find and do; a conversation that was deleted is planned as such."""
    try:
        found = read_and_plan(run.reader, run.policy, pair, [side], unless=_shows_deletion)
    except Gone:
        found = None
    if found is not None:
        return found
    gone = run.deletions.deleted_side(pair)
    if gone is None:
        return run.reader.snapshot(pair, {}, run.store.ledger.of(pair.row)), Plan()
    return run.deletions.plan(pair, gone)


def _shows_deletion(snapshot: Snapshot) -> bool:
    return any(view.deleted for view in snapshot.views.values())


def _count(forecast: Forecast, planned: Plan) -> None:
    for action in planned.actions:
        match action:
            case PostWords():
                forecast.writes[f"{action.target} {action.form}"] += 1
                forecast.created += action.form is Form.START
                rows = action.covers
            case SetRegister():
                forecast.writes[f"{action.target} {action.register}"] += 1
                continue
            case ChangeTag():
                forecast.writes[f"{action.target} {Register.TAGS}"] += 1
                continue
            case Redaction():
                forecast.writes[f"{action.target} redact"] += 1
                continue
            case WriteLedger(rows=recorded):
                rows = recorded
            case _:
                continue
        forecast.dispositions.update(str(row.disposition) for row in rows)
        forecast.losses.update(str(loss.kind) for row in rows for loss in row.losses)


def _unmapped(forecast: Forecast, snapshot: Snapshot, run: Run) -> None:
    for side in Side:
        for part in snapshot.new_parts(side):
            author = part.author
            if author.kind is AuthorKind.AGENT and not run.policy.agents.of(side, author.id):
                forecast.unmapped[f"{side}:{author.id} {author.name or ''}".strip()] += 1


def _unknown(side: Side, conversation: str) -> Pair:
    return Pair(
        row=-1,
        ids={side: conversation},
        origin=side,
        state=PairState.ACTIVE,
        base={},
        seen={},
        people={},
        shadow=False,
        due={},
        queue=Queue.SYNC,
        checked=0.0,
    )
