"""What a run would do, without doing it: the same poll, observation and planner, and no writes anywhere."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from connector.engine.inspect.cautions import is_in_a_chat, matches_by_email
from connector.engine.inspect.cost import Acquaintance, Meeting, calls_before_first, calls_of
from connector.engine.past.choice import refuse_unread
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
from mappings.model import AuthorKind, Ref, Side
from mappings.text import tag_key
from state.records import Operation, Pair, PairState, Queue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from connector.engine.past.choice import Choice
    from connector.engine.plan.notices import Notice
    from connector.engine.plan.policy import Policy
    from connector.engine.plan.snapshot import Snapshot
    from connector.engine.sync.run import Run
    from mappings.model import Conversation, Customer, LossKind
    from state.records import Disposition, LedgerRow
    from state.store import Store


PEOPLE_KEPT = 100_000  # customers beyond this number count as new: at most one call more for each


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody or something of a side, by id and as people call them."""

    side: Side
    id: str
    name: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.side}:{self.id} {self.name}".strip()


@dataclass
class Forecast:
    """Counts of what would be done: writes by side and operation, parts by disposition, losses by kind.

    ``calls`` are the API calls that the writes need, with the reads around them. ``unmapped`` are agents;
    ``tags`` would be created in Intercom, ``channels`` of Dashly have no team: both by conversations.
    ``customers`` are those of new mirrors for whom nobody is known there. ``by_email`` counts customers whom
    an equal address alone would match, ``in_chats`` new copies that belong to real users of Dashly.
    """

    conversations: int = 0
    created: int = 0
    customers: int = 0
    by_email: int = 0
    in_chats: int = 0
    writes: Counter[tuple[Side, Operation]] = field(default_factory=Counter)
    calls: Counter[Side] = field(default_factory=Counter)
    dispositions: Counter[Disposition] = field(default_factory=Counter)
    unmapped: Counter[Named] = field(default_factory=Counter)
    channels: Counter[Named] = field(default_factory=Counter)
    tags: Counter[str] = field(default_factory=Counter)
    losses: Counter[LossKind] = field(default_factory=Counter)
    notices: list[Notice] = field(default_factory=list)

    def requests(self, reads: Mapping[Side, int]) -> dict[Side, int]:
        """Return the API calls that a run would need, by side: the reads of this forecast, and its writes."""
        return {side: reads[side] + self.calls[side] for side in Side}


def forecast_sync(run: Run) -> Forecast:
    """Return what a sync would do now."""
    rows: list[tuple[Side, str, Pair | None]] = []
    # In the order of a sync, so that a limit would hold the same conversations.
    for side in sorted(run.policy.sources):
        rows += _named(run, run.poll.changed(side))
        rows += [(side, pair.ids[side], pair) for pair in run.poll.deleted(side)]
    return _forecast(run, rows)


def forecast_backfill(run: Run, choice: Choice) -> Forecast:
    """Return what a backfill of the chosen conversations would do."""
    refuse_unread(choice, run.policy.sources)
    forecast = _forecast(run, _named(run, run.poll.past(choice)))
    forecast.notices += run.report.notices  # what the list showed is reported before as it is afterwards
    return forecast


def _named(
    run: Run, rows: Iterable[tuple[Conversation, Pair | None]]
) -> Iterator[tuple[Side, str, Pair | None]]:
    for listing, pair in rows:
        run.reader.expect(listing)
        yield listing.side, listing.id, pair


def _forecast(run: Run, rows: Iterable[tuple[Side, str, Pair | None]]) -> Forecast:
    forecast, customers = Forecast(), _Customers(run.store)
    users: dict[str, Customer] = {}
    for number, (snapshot, planned) in enumerate(run.crew.each(partial(_planned, run), rows)):
        run.parties.listener.done(number)
        forecast.conversations += bool(planned.writes)
        forecast.notices += planned.notices
        _count(forecast, planned)
        forecast.in_chats += sum(is_in_a_chat(action, snapshot) for action in planned.actions)
        forecast.unmapped.update(_unmapped(snapshot, run.policy))
        if planned.writes:
            acquaintance = customers.meet(snapshot)
            forecast.customers += acquaintance is Acquaintance.NEW and _begins(planned)
            forecast.calls.update(calls_of(planned, _meeting(run, snapshot, planned, acquaintance)))
            if len(users) < PEOPLE_KEPT:
                users.update(_user(snapshot))
            forecast.channels.update(_channel_without_team(snapshot, run))
            forecast.tags.update(_tags_to_put_on(planned))
    forecast.by_email = matches_by_email(run.reader.identification, users.values())
    if forecast.writes:
        kept_on = run.generation.side
        forecast.calls[kept_on] += calls_before_first(
            kept_on, known=bool(run.store.meta.generations(kept_on))
        )
    if forecast.tags:
        # the run reads this list as well, and makes each missing tag with the call that puts it on
        forecast.tags = _new_tags(forecast.tags, run.helpdesks[Side.INTERCOM].tags())
    return forecast


def _user(snapshot: Snapshot) -> dict[str, Customer]:
    """Return the Dashly customer of a conversation that gets a mirror, by id, if they have an address."""
    view = snapshot.views.get(Side.DASHLY)
    user = view.customer if view is not None and not snapshot.pair.linked else None
    return {user.id: user} if user is not None and user.email else {}


def _begins(planned: Plan) -> bool:
    return any(isinstance(action, PostWords) and action.form is Form.START for action in planned.writes)


def _meeting(run: Run, snapshot: Snapshot, planned: Plan, customer: Acquaintance) -> Meeting:
    """Return how a run meets the customer of a conversation."""
    searched = run.helpdesks[Side.INTERCOM].capabilities.searched
    origin = snapshot.pair.origin
    person = snapshot.views[origin].customer if origin in snapshot.views else None
    is_new = customer is Acquaintance.NEW
    if person is None:
        return Meeting(customer, searched)
    if origin is Side.INTERCOM:
        # 1.x shows no own id in a conversation: each one of a contact asks for it.
        asked = run.reader.identification.reads_of(person) if is_new else int(not searched)
        return Meeting(customer, searched, asked)
    if searched:  # looked for by the address, and once more by the call that makes them
        return Meeting(customer, asked=2 * (is_new and run.reader.match_email and bool(person.email)))
    # 1.x looks for one id at a time, and creates nobody with an address. Where a register is set, agents are
    # told of that by the next sync.
    withheld = bool(person.email) and not any(isinstance(one, SetRegister) for one in planned.writes)
    return Meeting(customer, searched, is_new and bool(person.external_id), is_new and withheld)


def _channel_without_team(snapshot: Snapshot, run: Run) -> Iterator[Named]:
    view = snapshot.views.get(Side.DASHLY)
    channel = view.registers.team if view else None
    if channel and Side.DASHLY in run.policy.sources and channel not in run.policy.channels:
        names = {found.id: found.name for found in run.helpdesks[Side.DASHLY].teams()}
        yield Named(Side.DASHLY, channel, names.get(channel, ""))


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


def _planned(run: Run, row: tuple[Side, str, Pair | None]) -> tuple[Snapshot, Plan]:
    """Return what a run would find and do; a conversation that was deleted is planned as such."""
    side, conversation, known = row
    pair = known or _unknown(side, conversation)
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
                forecast.writes[action.target, Operation(action.form)] += 1
                forecast.created += action.form is Form.START
                _count_rows(forecast, action.covers)
            case SetRegister():
                forecast.writes[action.target, Operation(action.register)] += 1
            case ChangeTag():
                forecast.writes[action.target, Operation.TAGS] += 1
            case Redaction():
                forecast.writes[action.target, Operation.REDACT] += 1
            case WriteLedger():
                _count_rows(forecast, action.rows)


def _count_rows(forecast: Forecast, rows: tuple[LedgerRow, ...]) -> None:
    forecast.dispositions.update(row.disposition for row in rows)
    forecast.losses.update(loss.kind for row in rows for loss in row.losses)


def _unmapped(snapshot: Snapshot, policy: Policy) -> Iterator[Named]:
    for side in Side:
        for part in snapshot.new_parts(side):
            author = part.author
            if author.kind is AuthorKind.AGENT and not policy.agents.of(side, author.id):
                yield Named(side, author.id or "", author.name or "")


class _Customers:
    """Whom a run meets, so that only the first conversation of each is counted as somebody new's."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._met: dict[Ref, Acquaintance] = {}

    def meet(self, snapshot: Snapshot) -> Acquaintance:
        """Return what is known of the customer of a conversation, and know more at their next one."""
        view = snapshot.views.get(snapshot.pair.origin)
        if view is None or view.customer is None:
            return Acquaintance.NEW
        ref = Ref(view.side, view.customer.id)
        found = self._met.get(ref) or self._remembered(ref)
        if ref in self._met or len(self._met) < PEOPLE_KEPT:
            # The first conversation makes the person, the next one finds them.
            self._met[ref] = Acquaintance.KNOWN if found is Acquaintance.NEW else Acquaintance.MET
        return found

    def _remembered(self, ref: Ref) -> Acquaintance:
        people = self._store.people
        known = people.counterpart(ref.side, ref.id) is not None
        return Acquaintance.KNOWN if known else Acquaintance.NEW


def _unknown(side: Side, conversation: str) -> Pair:
    return Pair(
        row=-1,  # no pair has it, so the state file knows nothing of it
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
