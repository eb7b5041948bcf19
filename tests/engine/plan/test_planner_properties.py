"""What holds for every plan, over thousands of conversations in every circumstance.

The same generator is driven by a seed, which is fast, and by Hypothesis, which looks for the worst.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.config.choices import Edits, HistoryMode, Prefer, Removals
from connector.engine.plan.actions import (
    Agreed,
    ChangeTag,
    Form,
    Plan,
    PostWords,
    SetBase,
    SetRegister,
    WriteLedger,
)
from connector.engine.plan.planner import plan
from connector.engine.plan.policy import AgentMap, Policy
from connector.engine.plan.rendering import content_of
from connector.engine.plan.snapshot import Snapshot
from mappings.model import (
    CLOSED,
    OPEN,
    Assigned,
    Attachment,
    Author,
    AuthorKind,
    ChannelChanged,
    Conversation,
    Customer,
    Event,
    Message,
    Note,
    Part,
    Registers,
    Side,
    Skipped,
    State,
    Status,
    StatusChanged,
    TagsChanged,
)
from mappings.registers import Register, with_value
from state.records import Disposition, LedgerRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from state.records import Pair

D, IC = Side.DASHLY, Side.INTERCOM
NOW = 1_800_000_000.0
DAY = 86_400.0
CASES = 800
CONVERSATIONS = {D: "d1", IC: "i1"}
PEOPLE = {D: "u1", IC: "c1"}
AGENTS = {D: ["1", "2", "77"], IC: ["11", "12", "88"]}
SNOOZES = [Status(State.SNOOZED, NOW + 500), Status(State.SNOOZED, NOW - 500), Status(State.SNOOZED)]
PRIVATE = "private"

STATUSES = [OPEN, CLOSED, *SNOOZES]
TAGS = ["vip", "VIP ", "bug", "Kunde", "x"]
CARRIED = [Disposition.COPIED, Disposition.NOTE, Disposition.TRANSCRIPT]
AGES = [0.0, 1.0, 59.0, 60.0, 61.0, DAY - 1, DAY, DAY + 1, 3 * DAY, 400 * DAY, -30.0]
TEXTS = ["ok", "Hello", "", "\N{THUMBS UP SIGN}", "word " * 90, "a" * 700, "line\n\nline"]
FILES = [
    Attachment("a.png", "https://files.example/f", size=10),
    Attachment("b.pdf", "https://files.example/f", size=1_500),
    Attachment("c.exe", "https://files.example/f"),
]


class Situations:
    """Makes up conversations and policies from random choices."""

    def __init__(self, rng: random.Random, make: Any) -> None:
        self.rng = rng
        self.make = make

    def flag(self, chance: int = 2) -> bool:
        """Return yes once in so many times."""
        return self.rng.randrange(chance) == 0

    def author(self, side: Side) -> Author:
        """Return somebody who may write on a side."""
        choices = [
            Author(AuthorKind.CUSTOMER, PEOPLE[side], "Carla"),
            Author(AuthorKind.CUSTOMER, PEOPLE[side], "Carla"),
            *(Author(AuthorKind.AGENT, agent, f"Agent {agent}") for agent in AGENTS[side]),
            Author(AuthorKind.CUSTOMER, "other", "Udo"),
            Author(AuthorKind.BOT, "b", "Robi"),
            Author(AuthorKind.TEAM, "t1", "Sales"),
            Author(AuthorKind.NOBODY),
            Author(AuthorKind.UNKNOWN, None, "?"),
            Author(AuthorKind.AGENT),
        ]
        return self.rng.choice(choices)

    def words(self) -> Message | Note:
        """Return a message or a note."""
        files = tuple(self.rng.choice(FILES) for _ in range(self.rng.choice([0, 0, 1, 3])))
        text = self.rng.choice(TEXTS)
        return Message(text, files) if self.rng.randrange(3) else Note(f"{PRIVATE} {text}", files)

    def entry(self, side: Side) -> Any:
        """Return something that a part may mean."""
        if self.flag():
            return self.words()
        events = [
            Event("Rated 5"),
            StatusChanged(self.rng.choice(STATUSES)),
            Assigned(self.rng.choice([*AGENTS[side], None]), self.rng.choice([None, "t1"])),
            TagsChanged(("vip",)),
            Skipped("left out"),
        ]
        if side is D:
            events.append(ChannelChanged(self.rng.choice(["3012", "77", None])))
        return self.rng.choice(events)

    def part(self, side: Side, number: int) -> Part:
        """Return a part; a message may come together with a change of status."""
        meant = [self.entry(side)]
        if isinstance(meant[0], Message | Note) and self.flag(4):
            meant.append(StatusChanged(self.rng.choice(STATUSES)))
        return Part(
            side=side,
            id=str(100 + number),
            type=self.rng.choice(["comment", "comment", "timer_unsnooze"]),
            created=NOW - self.rng.choice(AGES),
            author=self.author(side),
            entries=tuple(meant),
            opening=number == 0 and self.flag(),
            external_id=self.rng.choice([None, None, None, "ic:ws:9", "theirs"]) if side is D else None,
            removed=self.flag(10),
        )

    def registers(self, side: Side) -> Registers:
        """Return what a side may show."""
        teams = ["3012", "77", None] if side is D else ["9001", "t1", None]
        tags = frozenset(tag for tag in TAGS if self.flag(3))
        assignee = self.rng.choice([*AGENTS[side], None])
        return Registers(self.rng.choice(STATUSES), assignee, self.rng.choice(teams), tags)

    def view(self, side: Side) -> Conversation:
        """Return a conversation as one side shows it."""
        count = self.rng.choice([0, 1, 1, 2, 3, 5])
        parts = sorted((self.part(side, n) for n in range(count)), key=lambda part: part.order)
        return Conversation(
            side=side,
            id=CONVERSATIONS[side],
            created=min((part.created for part in parts), default=NOW),
            updated=NOW,
            registers=self.registers(side),
            customer=None if self.flag(5) else Customer(PEOPLE[side], name="Carla"),
            parts=tuple(parts),
            parts_count=count,
        )

    def ledger(self, views: dict[Side, Conversation]) -> dict[Side, dict[str, LedgerRow]]:
        """Return a ledger that knows the first parts of each side, as theirs, ours, edited or poison."""
        found: dict[Side, dict[str, LedgerRow]] = {side: {} for side in Side}
        for view in views.values():
            for part in view.parts[: self.rng.randrange(3)]:
                row = LedgerRow(
                    side=view.side,
                    id=part.id,
                    type=part.type,
                    created=part.created,
                    disposition=self.rng.choice(
                        [Disposition.COPIED, Disposition.NOTE, Disposition.TRANSCRIPT]
                    ),
                    ours=self.flag(),
                    counterpart=self.rng.choice([None, "9"]),
                    text_hash=self.rng.choice([None, "before"]),
                    removed=part.removed and self.flag(),
                )
                found[view.side][part.id] = row
        return found

    def snapshot(self) -> Snapshot:
        """Return a conversation: new or linked, one side read or both, live or history."""
        origin = self.rng.choice(list(Side))
        linked = self.flag()
        read = self.rng.choice([(D,), (IC,), (D, IC), (D, IC)]) if linked else (origin,)
        views = {side: self.view(side) for side in read}
        pair = self.make.pair(origin, linked=linked)
        if linked:
            base = {side: self.registers(side) for side in Side if not self.flag(3)}
            for side in base:
                if side in views and self.flag():
                    base[side] = views[side].registers
            pair = replace(pair, base=base)
        backfill = self.flag()
        fresh = dict.fromkeys(Side, NOW - 60.0) if backfill and linked and self.flag() else {}
        return Snapshot(
            pair=pair,
            views=views,
            ledger=self.ledger(views) if linked else {side: {} for side in Side},
            now=dict.fromkeys(Side, NOW),
            backfill=backfill,
            history_until=fresh,
            shadow=self.flag(),
            skew=self.rng.choice([0.0, 30.0]),
        )

    def policy(self) -> Policy:
        """Return a policy: any directions, preferences, history, versions."""
        states = frozenset(State) if self.flag() else frozenset({State.OPEN, State.CLOSED})
        intercom = replace(
            self.make.intercom_can,
            silent_messages=self.flag(),
            back_dating=self.flag(),
            tags=not self.flag(4),
            files_per_message=self.rng.choice([0, 10]),
            states=states,
        )
        sources = self.rng.choice([frozenset(Side), frozenset(Side), frozenset({D}), frozenset({IC})])
        return self.make.policy(
            capabilities={D: self.make.dashly_can, IC: intercom},
            sources=sources,
            prefer=self.rng.choice(list(Prefer)),
            history={
                IC: self.rng.choice(list(HistoryMode)),
                D: self.rng.choice([HistoryMode.TRANSCRIPT, HistoryMode.NONE]),
            },
            edits=self.rng.choice(list(Edits)),
            removals=self.rng.choice(list(Removals)),
            loud_mirror=self.flag(),
            full_contacts=self.flag(),
            channels=self.rng.choice([{}, {"3012": "9001"}]),
            tags=self.rng.choice([{}, {"vip": "Kunde"}]),
        )


def posts(planned: Plan) -> list[PostWords]:
    """Return the words that a plan writes."""
    return [action for action in planned.actions if isinstance(action, PostWords)]


def rows_of(planned: Plan) -> list[LedgerRow]:
    """Return every ledger row that a plan makes true."""
    found: list[LedgerRow] = []
    for action in planned.actions:
        if isinstance(action, PostWords):
            found += action.covers
        elif isinstance(action, WriteLedger):
            found += action.rows
    return found


@dataclass(frozen=True)
class Case:
    """A situation, how it is decided, and what was planned."""

    snapshot: Snapshot
    policy: Policy
    planned: Plan

    @property
    def posts(self) -> list[PostWords]:
        """The words that the plan writes."""
        return posts(self.planned)

    def source(self, post: PostWords) -> Part | None:
        """Return the part that is carried; None for the neutral line of an opening."""
        view = self.snapshot.views.get(post.target.other)
        return next((part for part in view.parts if part.id == post.source), None) if view else None


@dataclass
class Pretend:
    """Both sides as they would be after a plan, with what the engine would remember of it."""

    snapshot: Snapshot
    pair: Pair = field(init=False)
    views: dict[Side, Conversation] = field(init=False)
    ledger: dict[Side, dict[str, LedgerRow]] = field(init=False)
    made: int = 0

    def __post_init__(self) -> None:
        self.pair = self.snapshot.pair
        self.views = dict(self.snapshot.views)
        self.ledger = {side: dict(rows) for side, rows in self.snapshot.ledger.items()}

    def apply(self, planned: Plan) -> Snapshot:
        """Carry a plan out on paper and return what the next run would see."""
        for action in planned.actions:
            match action:
                case PostWords():
                    self._post(action)
                case SetRegister():
                    self._register(action.target, **{action.register: action.value})
                    self._agree(action.agreed)
                case ChangeTag():
                    self._tag(action)
                case SetBase(agreed=agreed):
                    self._agree(agreed)
                case WriteLedger(rows=rows):
                    self._remember(rows)
        return replace(
            self.snapshot,
            pair=self.pair,
            views=dict(self.views),
            ledger={s: dict(r) for s, r in self.ledger.items()},
        )

    def _remember(self, rows: tuple[LedgerRow, ...]) -> None:
        for row in rows:
            self.ledger[row.side][row.id] = row

    def _post(self, post: PostWords) -> None:
        side = post.target
        if post.form is Form.START:
            empty = Conversation(side, CONVERSATIONS[side], NOW, NOW, Registers(), Customer(PEOPLE[side]))
            self.views[side] = empty
            base = {**self.pair.base, side: Registers()}
            self.pair = replace(self.pair, ids=dict(CONVERSATIONS), base=base)
        self._write(side, (Note if post.form is Form.NOTE else Message)(post.text), post)
        if post.form is not Form.NOTE and post.agent is None:
            self._register(side, status=OPEN)
        self._remember(post.covers)

    def _write(self, side: Side, entry: Any, post: PostWords) -> None:
        self.made += 1
        kind = AuthorKind.AGENT if post.agent else AuthorKind.CUSTOMER
        part = Part(side, str(9_000 + self.made), "comment", NOW, Author(kind, post.agent), (entry,))
        view = self.views.get(side)
        if view is not None:
            self.views[side] = replace(view, parts=(*view.parts, part))
        row = LedgerRow(side, part.id, "message", NOW, Disposition.ABSORBED, ours=True)
        self.ledger[side][part.id] = row

    def _register(self, side: Side, **changes: Any) -> None:
        view = self.views.get(side)
        if view is None:
            return
        self.views[side] = replace(view, registers=replace(view.registers, **changes))

    def _tag(self, change: ChangeTag) -> None:
        view = self.views.get(change.target)
        if view is None:
            return
        tags = view.registers.tags
        changed = tags | {change.tag} if change.put_on else tags - {change.tag}
        self._register(change.target, tags=changed)

    def _agree(self, agreed: tuple[Agreed, ...]) -> None:
        for one in agreed:
            base = self.pair.base.get(one.side, Registers())
            bases = {**self.pair.base, one.side: with_value(base, one.register, one.value)}
            self.pair = replace(self.pair, base=bases)


# -- the rules -------------------------------------------------------------------------------------------


def planning_is_deterministic(case: Case) -> None:
    """The same situation has the same plan."""
    assert plan(case.snapshot, case.policy) == case.planned


def what_is_private_stays_private(case: Case) -> None:
    """Words of a note never appear in a message or an opening."""
    for post in case.posts:
        if post.form is not Form.NOTE:
            assert PRIVATE not in post.text
            part = case.source(post)
            assert part is None or isinstance(content_of(part, case.policy), Message)


def only_a_live_message_of_an_agent_is_loud(case: Case) -> None:
    """Nobody is notified of a copy on the mirror, of history, of a bot, or of a customer's own words."""
    for post in case.posts:
        if post.silent:
            continue
        part = case.source(post)
        assert part is not None
        assert post.target is case.snapshot.pair.origin
        assert post.form is Form.MESSAGE
        assert part.author.kind in (AuthorKind.AGENT, AuthorKind.TEAM)
        assert not case.snapshot.backfill
        assert NOW - part.created <= case.policy.max_age
        assert post.agent is not None


def a_message_on_the_mirror_reaches_nobody(case: Case) -> None:
    """On Intercom only where it can be silent, on Dashly only to a user whom nothing can reach."""
    for post in case.posts:
        if post.form is Form.NOTE or post.agent is None or post.target is case.snapshot.pair.origin:
            continue
        if post.target is D:
            assert case.snapshot.shadow
            assert not case.policy.full_contacts
        else:
            assert case.policy.capabilities[IC].silent_messages or case.policy.loud_mirror


def the_customer_s_voice_is_the_customer_s(case: Case) -> None:
    """Only a customer's message, or the neutral opening line, is written as the customer."""
    for post in case.posts:
        if post.agent is not None:
            assert post.form is not Form.START
        elif (part := case.source(post)) is None:
            assert (post.form, post.source) == (Form.START, "")
            assert post.text.startswith("Conversation copied from ")
        else:
            assert part.author.kind is AuthorKind.CUSTOMER


def every_new_part_has_exactly_one_disposition(case: Case) -> None:
    """Once a conversation is mirrored no part is lost and none is told twice."""
    if not case.snapshot.pair.linked and not case.posts:
        return
    counts = Counter((row.side, row.id) for row in rows_of(case.planned))
    new = Counter((side, part.id) for side in Side for part in case.snapshot.new_parts(side))
    known = {(side, part) for side, rows in case.snapshot.ledger.items() for part in rows}
    assert {part: n for part, n in counts.items() if part not in known} == dict(new)
    assert all(counts[part] <= 1 for part in known)


def words_keep_their_order_and_fit(case: Case) -> None:
    """New words travel in their order, once, cut to what the side takes; an opening is first and alone."""
    for target in Side:
        found = [post for post in case.posts if post.target is target]
        new = [part.id for part in case.snapshot.new_parts(target.other)]
        ability = case.policy.capabilities[target]
        starts = [post.form is Form.START for post in found]
        assert True not in starts[1:]
        assert case.snapshot.pair.linked != any(starts) or not found
        for post in found:
            assert len(post.text) <= ability.max_text
            assert post.text or (post.attachments and target is D)
            assert len(post.attachments) <= ability.files_per_message
            assert not (post.form is Form.START and post.attachments)
        native = [new.index(c.source) for c in found if c.marker.split("#")[0].endswith(f":{c.source}")]
        assert native == sorted(native)
    markers = [post.marker for post in case.posts]
    assert len(markers) == len(set(markers))


def a_side_that_is_not_copied_causes_no_writes(case: Case) -> None:
    """With one direction only, the side that would receive the other one is never written to."""
    assert {write.target.other for write in case.planned.writes} <= case.policy.sources


def nothing_is_asked_of_a_side_that_it_cannot_do(case: Case) -> None:
    """No reopening on Dashly, no tags where there are none, no team where there is none."""
    for action in case.planned.actions:
        if isinstance(action, SetRegister):
            ability = case.policy.capabilities[action.target]
            match action.value:
                case Status(state=state):
                    assert state in ability.states
                case team if action.register is Register.TEAM:
                    assert team is None or ability.teams
        if isinstance(action, ChangeTag):
            assert case.policy.capabilities[action.target].tags


def a_plan_that_was_carried_out_leaves_nothing_to_write(case: Case) -> None:
    """Plan, apply, plan: after the sides settled, the next plan is empty."""
    snapshot, planned = case.snapshot, case.planned
    if set(snapshot.views) != set(snapshot.pair.ids):
        return
    pretend = Pretend(snapshot)
    for _ in range(3):
        if not planned.writes:
            return
        snapshot = pretend.apply(planned)
        planned = plan(snapshot, case.policy)
    assert planned.writes == ()


RULES = [
    planning_is_deterministic,
    what_is_private_stays_private,
    only_a_live_message_of_an_agent_is_loud,
    a_message_on_the_mirror_reaches_nobody,
    the_customer_s_voice_is_the_customer_s,
    every_new_part_has_exactly_one_disposition,
    words_keep_their_order_and_fit,
    a_side_that_is_not_copied_causes_no_writes,
    nothing_is_asked_of_a_side_that_it_cannot_do,
    a_plan_that_was_carried_out_leaves_nothing_to_write,
]


def case_of(rng: random.Random, make: Any) -> Case:
    """Make up one case; planning it must not fail."""
    situations = Situations(rng, make)
    snapshot, policy = situations.snapshot(), situations.policy()
    return Case(snapshot, policy, plan(snapshot, policy))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_thousands_of_situations_keep_the_rule(make: Any, rule: Callable[[Case], None]) -> None:
    """Every situation has a plan, and the plan keeps this rule."""
    for seed in range(CASES):
        try:
            rule(case_of(random.Random(f"{rule.__name__} {seed}"), make))  # noqa: S311 - no secret
        except AssertionError as broken:
            broken.add_note(f"in the situation {rule.__name__} {seed}")
            raise


@pytest.mark.sweep
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@given(rng=st.randoms(use_true_random=False))
def test_the_worst_situation_keeps_the_rule(
    make: Any, rule: Callable[[Case], None], rng: random.Random
) -> None:
    """The same, with somebody who looks for a counterexample and makes it small."""
    rule(case_of(rng, make))


def mirrored_part(part: Part) -> Part:
    """Return the same part as the other side would show it."""
    return replace(part, side=part.side.other, external_id=None)


def mirrored(snapshot: Snapshot) -> Snapshot:
    """Return the same situation with the sides swapped."""
    views = {
        side.other: replace(view, side=side.other, parts=tuple(map(mirrored_part, view.parts)))
        for side, view in snapshot.views.items()
    }
    pair = replace(
        snapshot.pair,
        ids={side.other: number for side, number in snapshot.pair.ids.items()},
        origin=snapshot.pair.origin.other,
        base={side.other: base for side, base in snapshot.pair.base.items()},
    )
    ledger = {
        side.other: {key: replace(row, side=side.other) for key, row in rows.items()}
        for side, rows in snapshot.ledger.items()
    }
    until = {side.other: at for side, at in snapshot.history_until.items()}
    return replace(snapshot, pair=pair, views=views, ledger=ledger, history_until=until)


def plainly(snapshot: Snapshot) -> Snapshot:
    """Return a situation without what only one of the sides knows."""
    views = {
        side: replace(
            view,
            registers=replace(view.registers, team=None, assignee=None),
            parts=tuple(
                replace(part, external_id=None)
                for part in view.parts
                if not any(isinstance(entry, ChannelChanged) for entry in part.entries)
                and part.author.kind is not AuthorKind.CUSTOMER
            ),
        )
        for side, view in snapshot.views.items()
    }
    base = {side: replace(one, team=None, assignee=None) for side, one in snapshot.pair.base.items()}
    return replace(snapshot, views=views, pair=replace(snapshot.pair, base=base), shadow=True)


def outline(planned: Plan, *, swap: bool) -> list[Any]:
    """Return what a plan does on which side, without ids and names of sides."""

    def side_of(side: Side) -> Side:
        return side.other if swap else side

    done: list[Any] = []
    for action in planned.actions:
        match action:
            case PostWords():
                speaks = action.agent is not None
                done.append((side_of(action.target), action.form, action.source, action.silent, speaks))
            case SetRegister(value=Status() as status):
                done.append((side_of(action.target), "status", status))
            case ChangeTag(tag=tag, put_on=put_on):
                done.append((side_of(action.target), put_on, tag))
            case SetRegister():
                done.append((side_of(action.target), action.register))
    return sorted(done, key=repr)


@pytest.mark.parametrize("prefer", list(Prefer))
def test_equal_sides_are_treated_alike(make: Any, prefer: Prefer) -> None:
    """Where both sides can do the same, swapping them swaps the plan."""
    swapped = {Prefer.DASHLY: Prefer.INTERCOM, Prefer.INTERCOM: Prefer.DASHLY}.get(prefer, prefer)
    ability = replace(make.intercom_can, back_dating=False)
    for seed in range(CASES):
        rng = random.Random(f"{prefer} {seed}")  # noqa: S311 - no secret
        snapshot = plainly(Situations(rng, make).snapshot())
        policy = make.policy(
            capabilities=dict.fromkeys(Side, ability),
            agents=AgentMap({side: {} for side in Side}),
            default_agent=dict.fromkeys(Side, "9"),
            bot_agent=dict.fromkeys(Side, "8"),
            prefer=prefer,
            history=dict.fromkeys(Side, rng.choice(list(HistoryMode))),
            removals=Removals.NOTE,
        )

        there = plan(snapshot, policy)
        back = plan(mirrored(snapshot), replace(policy, prefer=swapped))

        assert outline(there, swap=True) == outline(back, swap=False), f"{prefer} {seed}"
