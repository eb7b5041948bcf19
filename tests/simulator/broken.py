"""Faults that the connector once had: how each is put back, and what is broken then.

Each is a function of the product, replaced while the fault is in. What imports a function by name is patched
where it is called.
"""

from __future__ import annotations

import re
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from connector.app import recovering
from connector.dashly import answers as dashly_answers
from connector.engine.apply import voices
from connector.engine.apply.messages import Messages
from connector.engine.apply.voices import Voices
from connector.engine.inspect.copies import Copies
from connector.engine.inspect.likeness import Aspect
from connector.engine.plan import messages, rendering, splitting
from connector.engine.plan.recognition import fingerprint
from connector.engine.plan.recognition.fingerprint import Expected
from connector.engine.plan.registers import status, unsupported
from connector.engine.read import moved, reader
from connector.engine.sync import clocks, conversation
from connector.engine.sync.run import Run
from connector.engine.write.departure import Departures
from connector.engine.write.generation import Generation
from connector.engine.write.protocol import Protocol
from connector.errors import Rejected
from connector.host.clock import SteadyClock
from connector.http import failures, retry
from connector.http.lists import Lists, Page
from connector.http.pace import WindowPace
from connector.intercom import answers as intercom_answers
from connector.sandbox.switches import MergedParts
from mappings import names, text
from mappings.html import tree
from mappings.reading import dashly_parts, translate
from state.budget import Budget
from state.errors import StateError
from state.file import failures as file_failures
from state.journal import Journal
from state.ledger import PartLedger
from tests.simulator.weather import draw

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Mapping

    from mappings.model import Seconds
    from tests.simulator.script import Script


@dataclass(frozen=True)
class Patch:
    """One function of the product, and what stands in its place: made of the function when ``around``."""

    owner: Any
    name: str
    instead: Any
    around: bool = False

    def put(self, stack: ExitStack) -> None:
        """Put it in its place until the stack is left."""
        new = self.instead(getattr(self.owner, self.name)) if self.around else self.instead
        stack.enter_context(patch.object(self.owner, self.name, new))


@dataclass(frozen=True)
class Fault:
    """One fault: the number of its kind, what is broken, and the tests that find what no simulation shows.

    ``often`` says what happens oftener than on other days while it is searched for, ``dashly`` and
    ``intercom`` how the helpdesks are set, and ``limit`` how many requests a minute Dashly allows.
    """

    kind: int
    broken: str
    patches: tuple[Patch, ...]
    tests: tuple[str, ...] = ()
    often: Mapping[str, float] = field(default_factory=dict)
    dashly: Mapping[str, Any] = field(default_factory=dict)
    intercom: Mapping[str, Any] = field(default_factory=dict)
    limit: int = 60

    def script(self, seed: int, days: int, talks: int) -> Script:
        """Return what a seed chooses for it."""
        drawn = draw(seed, days, talks, often=self.often)
        dashly, intercom = (
            {**drawn.setting.dashly, **self.dashly},
            {**drawn.setting.intercom, **self.intercom},
        )
        setting = replace(drawn.setting, dashly=dashly, intercom=intercom, limit=self.limit)
        return replace(drawn, setting=setting)

    @contextmanager
    def put_back(self) -> Iterator[None]:
        """Let the connector have this fault."""
        with ExitStack() as stack:
            for one in self.patches:
                one.put(stack)
            yield


def _nothing(*_given: object, **_more: object) -> None:
    return None


def _always(value: object) -> Callable[..., Any]:
    return lambda *_given, **_more: value


# -- 0: what was true before a wait ----------------------------------------------------------------------


def _recorded_before_the_wait(of: Callable[..., Any]) -> Callable[..., Any]:
    @contextmanager
    def recorded(departures: Departures, intent: Any, run: str | None) -> Iterator[Any]:
        with of(departures, intent, run) as departure:
            departures.store.journal.begin(intent, run)
            departure.left = True
            yield departure

    return recorded


# -- 1: ids over all conversations -----------------------------------------------------------------------


def _openings_too(store: Any, row: int, view: Any, known: Any) -> Any:
    unmarked = replace(view, parts=tuple(replace(part, opening=False) for part in view.parts))
    return moved.moved_rows(store, row, unmarked, known)


# -- 5: what verify looks at -----------------------------------------------------------------------------


def _texts_only(wrong: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *given: (one for one in wrong(*given) if one.aspect is Aspect.TEXT)


def _all_but_texts(wrong: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *given: (one for one in wrong(*given) if one.aspect is not Aspect.TEXT)


# -- 6: the time of the host -----------------------------------------------------------------------------


class _TimeOfDay:
    """A clock of which all that is asked is what somebody set it to."""

    def __init__(self, clock: Any) -> None:
        self._clock = clock

    def __getattr__(self, name: str) -> Any:
        return getattr(self._clock, "now" if name == "monotonic" else name)


def _paced_by_the_day(make: Callable[..., None]) -> Callable[..., None]:
    def made(pace: WindowPace, log: Any, *, limit: int, clock: Any) -> None:
        make(pace, log, limit=limit, clock=_TimeOfDay(clock))

    return made


def _taken_by_any_stamp(
    budget: Budget, *, now: Seconds, limit: int, window: Seconds
) -> tuple[int | None, Seconds]:
    where = [budget._side]
    with budget._file.write() as db:
        db.execute("DELETE FROM budget WHERE side = ? AND at <= ?", [*where, now - window])
        stamps = [at for (at,) in db.execute("SELECT at FROM budget WHERE side = ? ORDER BY at", where)]
        if len(stamps) >= limit:
            return None, max(0.001, stamps[len(stamps) - limit] + window - now)
        (ticket,) = db.execute(
            "INSERT INTO budget(side, at) VALUES (?, ?) RETURNING id", [*where, now]
        ).fetchone()
        return int(ticket), 0.0


# -- 11: sums --------------------------------------------------------------------------------------------


def _uncounted(remember: Callable[..., None]) -> Callable[..., None]:
    def remembered(protocol: Protocol, *given: Any) -> None:
        with patch.object(protocol._store.ledger.tally, "count", _nothing):
            remember(protocol, *given)

    return remembered


# -- 12: trouble that is no damage -----------------------------------------------------------------------


def _damage(error: sqlite3.DatabaseError, path: object) -> StateError:
    return StateError(f"the state file {path} is unreadable: {error}", hint=file_failures.RESTORE)


# -- 13: lists -------------------------------------------------------------------------------------------


def _until_an_empty_page(pages: Callable[..., Any]) -> Callable[..., Any]:
    def shortened(lists: Lists, fetch: Callable[[Any], Page[Any]]) -> Iterator[Page[Any]]:
        def cut(cursor: Any) -> Page[Any]:
            page = fetch(cursor)
            return page if page.rows else Page((), None)

        return pages(lists, cut)

    return shortened


# -- 17: odd statuses ------------------------------------------------------------------------------------


def _is_undecided(status_code: int) -> bool:
    return status_code >= HTTPStatus.INTERNAL_SERVER_ERROR or status_code == HTTPStatus.REQUEST_TIMEOUT


def _refused_for_good(question: Any, status_code: int) -> Rejected:
    told = f"{question.title} refused {question.asked} ({status_code})."
    return Rejected(told, status=status_code, code="")


def _plain_name(name: str | None, otherwise: str = "unknown") -> str:
    return " ".join((name or "").split())[:60] or otherwise


UNCOUNTED = (
    *("dies", "frozen", "cut_off", "disk_full", "skips", "one_way"),
    *("restore_file", "restore_folder", "lose"),
)
"""After these the sums of a day are not known."""
FAULTS: dict[str, Fault] = {
    "recorded-before-the-wait": Fault(
        0,
        "Who holds the pair is asked, and the intent recorded, before the request waits for its turn.",
        (
            Patch(Departures, "of", _recorded_before_the_wait, around=True),
            Patch(Departures, "before_write", _nothing),
        ),
        often={"frozen": 1},
    ),
    "moved-parts-are-new": Fault(
        1,
        "A part that moved from another conversation, or was copied with it, is copied once more.",
        (Patch(reader, "moved_rows", _always({})),),
        often={"merge": 1},
        intercom={"merge_parts": MergedParts.COPIED.value},
    ),
    "openings-share-an-id": Fault(
        1,
        "A mailing begins many conversations by one message; only the first of them is seen as new.",
        (Patch(reader, "moved_rows", _openings_too),),
        often={"mailing_starts": 16},
    ),
    "doubt-by-the-lock-alone": Fault(
        2,
        "Nobody asks for the generation, and copies that the state does not know stop no delivery.",
        (
            Patch(Generation, "before_first_write", _nothing),
            Patch(conversation, "stop_on_unknown_marks", _nothing),
            Patch(Run, "doubting", lambda run, _now: run),
        ),
        often={"keep": 1, "restore_folder": 1},
        intercom={"app_package_code": False},
    ),
    "pieces-cut-anew": Fault(
        3,
        "A run that goes on with a text in pieces cuts it anew.",
        (Patch(Journal, "begun", _always({})),),
        often={"cut_off": 1},
    ),
    "a-missing-agent-is-poison": Fault(
        4,
        "Nobody speaks for an agent who left, and no note for a customer who was deleted.",
        (Patch(Voices, "instead", _nothing),),
        often={"agent_leaves": 1, "customer_deleted": 1},
    ),
    "a-merged-customer-is-poison": Fault(
        4,
        "Nobody looks for the survivor of a merge, and no note names a customer who is not there.",
        (
            Patch(Messages, "_written_as_shown", _always(value=False)),
            Patch(voices, "is_customer_missing", _always(value=False)),
        ),
        often={"customer_merged": 1, "customer_deleted": 1},
    ),
    "verify-believes-the-ledger": Fault(
        5,
        "verify does not look at the copies themselves.",
        (Patch(Copies, "faults", _always(())),),
        often={"plant": 1},
    ),
    "verify-reads-texts-only": Fault(
        5,
        "verify compares the words of copies, and not who said them, in which form and with which files.",
        (Patch(Copies, "_wrong", _texts_only, around=True),),
        often={"plant": 1},
    ),
    "verify-reads-no-texts": Fault(
        5,
        "verify compares who said it and in which form, and not the words.",
        (Patch(Copies, "_wrong", _all_but_texts, around=True),),
        often={"plant": 1},
    ),
    "budget-by-the-time-of-day": Fault(
        6,
        "Requests are counted by the time of day, whatever somebody sets that to.",
        (
            Patch(WindowPace, "__init__", _paced_by_the_day, around=True),
            Patch(Budget, "take", _taken_by_any_stamp),
            Patch(SteadyClock, "set", _nothing),
        ),
        often={"host_ahead": 1},
        limit=10,
    ),
    "stamps-of-a-wrong-clock": Fault(
        6,
        "A run goes by a wrong clock, and what that stamped stays: an intent blocks for days.",
        (Patch(clocks, "bring_back", _nothing), Patch(SteadyClock, "set", _nothing)),
        (
            "tests/faults/test_three_clocks.py::test_a_host_clock_a_day_ahead_settles_nothing_early",
            "tests/faults/test_three_clocks.py::test_work_that_is_due_a_day_ahead_is_done_now",
        ),
    ),
    "dates-are-times-of-records": Fault(
        6,
        "A record that is older than the `Date` of an answer said is not taken for what was written then.",
        (
            Patch(Expected, "earliest", property(lambda expected: expected.sent_at - fingerprint.SLACK)),
            Patch(fingerprint, "CLOCKS_APART", fingerprint.SLACK),
        ),
        often={"date_ahead": 1},
    ),
    "empty-as-python-sees-it": Fault(
        7,
        "A text of invisible characters alone counts as words, which the other side refuses.",
        (
            Patch(translate, "carries_nothing", lambda told: not told.strip()),
            Patch(splitting, "carries_nothing", lambda told: not told.strip()),
            Patch(text, "carries_nothing", lambda told: not told.strip()),
        ),
        often={"customer_writes_nothing": 20},
        intercom={"invisible_stripped": True},
    ),
    "late-words-without-a-word": Fault(
        8,
        "The ledger does not say that a part was copied after newer ones.",
        (Patch(messages, "_told_late", lambda _direction, _part, row: row),),
        often={"replace_by_two": 20},
        dashly={"removed_parts_listed": False},
    ),
    "moves-are-told-twice": Fault(
        9,
        "A move to an unmapped channel makes a note of the channel, and another of the team.",
        (Patch(unsupported, "_is_no_news", _always(value=False)),),
        often={"moves": 1},
    ),
    "moves-are-not-told": Fault(
        9,
        "A move to a channel without a team makes no note.",
        (Patch(rendering, "_unmapped_channel", _always(value=False)),),
        often={"moves": 1},
    ),
    "waking-is-not-told": Fault(
        9,
        "An agent who ends a snooze is told of nowhere.",
        (Patch(status, "_woken_by_hand", _always(value=False)),),
        often={"wakes": 1},
    ),
    "operators-are-robots": Fault(
        10,
        "A message that an operator sends by hand counts as a robot's.",
        (Patch(dashly_parts, "_AUTOMATIC", dashly_parts._AUTOMATIC | {"message_manual"}),),
        often={"operator_starts": 16},
    ),
    "adopted-copies-are-not-counted": Fault(
        11,
        "A copy that is found after an unclear write is in the ledger, and in no run's sum.",
        (Patch(Protocol, "_remember", _uncounted, around=True),),
        often=dict.fromkeys(UNCOUNTED, 0) | {"fault": 12},
    ),
    "every-trouble-is-damage": Fault(
        12,
        "A full disk is told as a damaged state file.",
        (Patch(file_failures, "of_sqlite", _damage),),
        often={"disk_full": 1},
    ),
    "signatures-are-words": Fault(
        13,
        "A link that is signed anew counts as an edit.",
        (Patch(text, "without_expiring", lambda told, *_files: told),),
        often={"agent_links": 10, "signed_anew": 10},
    ),
    "lists-end-at-an-empty-page": Fault(
        13,
        "A list is over at its first empty page, though that names a next one.",
        (Patch(Lists, "pages", _until_an_empty_page, around=True),),
        dashly={"empty_pages": True},
        intercom={"empty_pages": True},
    ),
    "one-way-for-good": Fault(
        14,
        "What was passed over on a side stays so when that side is read again.",
        (Patch(PartLedger, "forget_skipped", _always([])),),
        often={"one_way": 1},
    ),
    "decisions-are-forgotten": Fault(
        15,
        "What somebody left out by hand is copied once the state was rebuilt.",
        (Patch(recovering, "put_back", _always(0)),),
        often={"skips": 1, "lose": 1},
    ),
    "every-list-is-needed": Fault(
        16,
        "A list that only enriches, and that the token may not see, ends the run.",
        (Patch(Lists, "_seen", lambda _lists, _name, read: read()),),
        intercom={"teams_readable": False},
    ),
    "odd-statuses-are-refusals": Fault(
        17,
        "A status that leaves open what became of a write, and a redirect, count as refusals.",
        (
            Patch(failures, "is_undecided", _is_undecided),
            Patch(retry, "is_undecided", _is_undecided),
            Patch(dashly_answers, "redirected", _refused_for_good),
            Patch(intercom_answers, "redirected", _refused_for_good),
        ),
        often={"fault": 20},
    ),
    "names-may-be-labels": Fault(
        18,
        "A customer may bear a name that reads as an agent's label.",
        (Patch(names, "shown_name", _plain_name),),
        ("tests/mappings/test_names.py::test_no_name_forges_a_label",),
    ),
    "tags-swallow-words": Fault(
        19,
        "What only looks like a tag is taken out with the words that follow it.",
        (Patch(tree, "_NO_TAG", re.compile(r"(?!)")),),
        ("tests/mappings/test_text.py::test_no_word_of_tag_soup_is_lost",),
    ),
}
