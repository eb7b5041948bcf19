"""Who speaks when somebody was refused."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from connector.engine.apply.voices import NOT_FOUND, Voices, is_customer_missing
from connector.engine.plan.actions import Form, PostWords
from connector.engine.plan.notices import NoticeKind
from connector.engine.run.report import Report
from connector.errors import AccessDenied, Gone, Rejected, RemoteError
from mappings.model import Author, AuthorKind, Message, Side
from state.records import Disposition, LedgerRow
from tests.engine.plan.plans import conversation

D, IC = Side.DASHLY, Side.INTERCOM
ROW = LedgerRow(D, "1", "reply_admin", 1.0, Disposition.COPIED)
FORBIDDEN = AccessDenied("may not", status=403)
UNAUTHORISED = AccessDenied("who are you", status=401)
NOT_THERE = Rejected("not there", status=404, code="not_found")
LOOKUP = Rejected("not there", status=400, code=NOT_FOUND)
INVALID = Rejected("no reason", status=422, code="invalid")
CONFLICT = Rejected("conflict", status=409, code="conflict")


def words(agent: str | None, target: Side = IC, **more: Any) -> PostWords:
    """Return the words of a part on the other side."""
    given: dict[str, Any] = {"form": Form.MESSAGE, "covers": (ROW,), **more}
    return PostWords(target=target, marker="m", source="1", text="Hi", agent=agent, **given)


@pytest.fixture
def voices(make: Any) -> Voices:
    """The voices of a run; Intercom lists agents 11 and 990."""

    def agents(*, fresh: bool) -> list[Any]:
        assert fresh
        return [SimpleNamespace(id=one) for one in ("11", "990")]

    helpdesks: Any = {IC: SimpleNamespace(agents=agents), D: None}
    policy = make.policy(names={IC: {"12": "Boris"}, D: {}})
    return Voices(policy, Report("r", "sync", 1.0), helpdesks)


@pytest.fixture
def execution(make: Any) -> Any:
    """The execution of a plan for a conversation of which an agent wrote the first part."""
    part = make.part(D, 1, Message("Hi"), by=Author(AuthorKind.AGENT, "2", "Boris"))
    return SimpleNamespace(snapshot=conversation(make, part))


def told(voices: Voices) -> list[NoticeKind]:
    """Return of what people hear."""
    return [notice.kind for notice in voices.report.notices]


@pytest.mark.parametrize(
    ("agent", "target", "error", "replaced"),
    [
        ("11", IC, FORBIDDEN, True),
        ("11", IC, NOT_THERE, True),
        ("1", D, LOOKUP, True),
        ("12", IC, INVALID, True),
        ("11", IC, INVALID, False),
        ("1", D, INVALID, False),
        ("12", IC, CONFLICT, False),
        ("11", IC, UNAUTHORISED, False),
        ("11", IC, Gone("gone", status=404, code="not_found"), False),
        ("12", IC, RemoteError("away"), False),
        ("990", IC, FORBIDDEN, False),
        ("99", D, LOOKUP, False),
    ],
)
def test_only_an_agent_who_is_not_there_is_replaced(
    voices: Voices, execution: Any, agent: str, target: Side, error: RemoteError, *, replaced: bool
) -> None:
    """Where nobody speaks for the default the configuration is wrong, and a 401 is about the token."""
    found = voices.instead(execution, words(agent, target), error)

    assert (found is not None) is replaced
    assert told(voices) == [NoticeKind.AGENT_CANNOT_WRITE] * replaced
    if found is not None:
        assert (found.agent, found.form) == (voices.policy.default_agent[target], Form.MESSAGE)


def test_whoever_was_refused_once_is_not_tried_again(voices: Voices, execution: Any) -> None:
    """In this run the default speaks for them, and names them; others speak for themselves."""
    voices.instead(execution, words("12"), FORBIDDEN)

    spoken = voices.of(execution, words("12"))

    assert (spoken.agent, "Boris" in spoken.text, "Hi" in spoken.text) == ("990", True, True)
    assert voices.of(execution, words("11")) == words("11")
    assert voices.of(execution, words(None)) == words(None)
    assert voices.of(execution, words("12", D)).agent == "12"


def test_a_list_that_is_hidden_says_nothing_of_anybody(voices: Any, execution: Any) -> None:
    """An empty one means that the token may not see it."""
    voices.helpdesks[IC].agents = lambda fresh: []  # noqa: ARG005 - part of Helpdesk

    assert voices.instead(execution, words("12"), INVALID) is None


def test_a_customer_who_is_gone_is_named_in_a_note(voices: Voices, execution: Any) -> None:
    """What they said is there for agents, and the ledger says that it is a note."""
    found = voices.instead(execution, words(None), NOT_THERE)

    assert found is not None
    assert (found.form, found.agent, told(voices)) == (Form.NOTE, "990", [NoticeKind.CUSTOMER_CANNOT_WRITE])
    assert [row.disposition for row in found.covers] == [Disposition.NOTE]


@pytest.mark.parametrize(
    ("spoken", "error", "expected"),
    [
        (words(None), NOT_THERE, True),
        (words(None), LOOKUP, True),
        (words(None), INVALID, False),
        (words(None, form=Form.START), NOT_THERE, False),
        (words("11"), NOT_THERE, False),
    ],
)
def test_a_message_of_the_customer_shows_that_they_are_gone(
    spoken: PostWords, error: Rejected, *, expected: bool
) -> None:
    """A start makes the person first, and an agent is somebody else."""
    assert is_customer_missing(spoken, error) is expected


@pytest.mark.parametrize(
    ("spoken", "error", "said"),
    [
        (words(None), NOT_THERE, "404 not_found"),
        (words(None), CONFLICT, "conflict"),
        (words("11"), CONFLICT, "conflict"),
        (words("12"), INVALID, "Boris (12)"),
        (words("13"), INVALID, "13"),
        (words("990"), NOT_THERE, "990"),
    ],
)
def test_a_refusal_names_who_is_missing(
    voices: Voices, spoken: PostWords, error: Rejected, said: str
) -> None:
    """Or says what the side said, where it is about nobody."""
    assert said in voices.why_refused(spoken, error)


def test_a_refusal_says_which_key_to_change(voices: Voices) -> None:
    """The default of the configuration, or somebody whom the configuration or the list of agents names."""
    default, teammate = (voices.why_refused(words(one), NOT_THERE) for one in ("990", "12"))

    assert "default_admin" in default
    assert "default_admin" not in teammate
