"""A helpdesk, or who answers in its place: its answers may echo a token and end up in no text of ours."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from connector.dashly import answers as dashly
from connector.engine.run.events import Done
from connector.errors import RemoteError
from connector.host.redaction import REDACTOR
from connector.http.lists import MOST_BARREN, Lists, Page
from connector.http.service import Service
from connector.http.waiting import LONGEST_ADVICE, advised_wait, moment, parse_http_date
from connector.intercom import answers as intercom
from connector.sandbox.exchange import Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN = "app.48213.tokentokentoken"
SERVICE = Service("https://api.example.org", "dashly", "DASHLY_TOKEN")
HOSTILE = [
    TOKEN,
    f"Bad{TOKEN}",
    "card 4111 1111 1111 1111",
    "ann@example.org",
    "\x1b]0;owned\x07",
    "x" * 500,
    "a\nb",
]

NOW = 1_800_000_000.0
FIGURES = (
    st.text(max_size=40)
    | st.floats().map(str)
    | st.integers(-(10**30), 10**30).map(str)
    | st.datetimes().map(lambda at: at.strftime("%a, %d %b %Y %H:%M:%S GMT"))
)


@given(retry=FIGURES, reset=FIGURES, status=st.sampled_from([429, 500, 503]), now=st.floats(0, 4_000_000_000))
def test_no_wait_follows_a_figure_that_cannot_be(retry: str, reset: str, status: int, now: float) -> None:
    """Whatever is in the headers, what is waited for is between a second and two minutes, or our own."""
    headers = [(b"Retry-After", retry.encode()), (b"X-RateLimit-Reset", reset.encode())]
    advice = advised_wait(httpx.Response(status, headers=headers), now)

    assert advice is None or 1.0 <= advice <= LONGEST_ADVICE


@given(FIGURES)
def test_no_moment_of_a_remote_is_far_from_its_own_time(figure: str) -> None:
    """In seconds, milliseconds or microseconds; a year ahead is not a moment, nor is what is not a number."""
    at = moment(figure, NOW)
    assert at is None or abs(at - NOW) <= LONGEST_ADVICE
    assert isinstance(parse_http_date(figure), float | None)


@given(st.lists(st.lists(st.integers(0, 30), max_size=4), max_size=60))
def test_a_list_ends_however_its_pages_repeat(pages: list[list[int]]) -> None:
    """With ever new cursors: after each new id at most twenty pages are asked for that bring none."""
    asked: list[object] = []
    lists = Lists(lambda row: str(row["id"]))

    def fetch(cursor: int | None) -> Page[int]:
        asked.append(cursor)
        number = cursor or 0
        return Page(tuple({"id": key} for key in (pages[number] if number < len(pages) else [])), number + 1)

    shown = [row["id"] for row in lists.rows(fetch)]

    assert lists.cut == 1
    assert len(shown) == len(set(shown))
    assert len(asked) <= (len(shown) + 1) * MOST_BARREN


def refusal(read: Callable[[Service, httpx.Response], object], body: dict[str, Any]) -> str:
    """Return the sentence of a refusal with this body, with all that the error carries."""
    request = httpx.Request("GET", "https://api.example.org/x")
    with pytest.raises(RemoteError) as caught:
        read(SERVICE, httpx.Response(400, json=body, request=request))
    return f"{caught.value} {caught.value.hint} {caught.value.__dict__}"


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_no_code_by_its_form_is_not_repeated(text: str) -> None:
    """An error code is one word of letters, digits and marks, and never a secret."""
    REDACTOR.hide(SecretStr(TOKEN))
    said = [
        refusal(dashly.read_answer, {"meta": {"status": 400, "error": text, "error_fields": {text: ["x"]}}}),
        refusal(intercom.read_answer, {"type": "error.list", "errors": [{"code": text, "field": text}]}),
    ]

    assert not [told for told in said if text in told]


def test_codes_and_fields_are_told() -> None:
    """What a person can look up in the vendor's manual stays."""
    said = refusal(
        dashly.read_answer,
        {"meta": {"status": 400, "error": "ValidationError", "error_fields": {"admin": []}}},
    )

    assert "(400 ValidationError: admin)" in said


@pytest.mark.long
@pytest.mark.parametrize("side", ["dashly", "intercom"])
def test_an_echoed_token_reaches_neither_the_state_nor_the_screen(
    bound: Any, side: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A helpdesk that answers with what it was sent: nothing of it is kept or shown."""
    talk = bound.talk()
    bound.run("sync")
    token = bound.environment[f"{side.upper()}_TOKEN"]
    bound.world.dashly.agent_writes(talk, "again", agent="151204")
    echo = {
        "dashly": {"meta": {"status": 400, "error": token, "error_fields": {token: []}}},
        "intercom": {"type": "error.list", "errors": [{"code": token, "field": token, "message": token}]},
    }[side]
    api = getattr(bound.world, f"{side}_api")
    answer = api.handle

    def echoing(request: Request) -> Response:
        is_write = request.method != "GET" and not request.path.endswith("/search")
        return Response(400, json.dumps(echo).encode()) if is_write else answer(request)

    monkeypatch.setattr(api, "handle", echoing)

    said = [bound.run(*command) for command in (("sync",), ("status",), ("quarantine", "list"), ("doctor",))]

    assert not [told for told in said if token in told.out + told.err]
    with closing(sqlite3.connect(bound.state)) as file:
        assert token not in "\n".join(file.iterdump())


def test_no_text_address_or_token_is_in_the_log(bound: Any) -> None:
    """Every line of a verbose run over a whole conversation, looked through for what a person wrote."""
    words = ["Canary-body", "Canary-answer", "Canary-note", "eva@example.org", "Eva Canary"]
    customer = bound.world.dashly.customer(words[4], email=words[3], user_id="acct-9", phone="+4930123456")
    talk = bound.world.dashly.customer_starts(customer, words[0])
    bound.world.dashly.agent_writes(talk, words[1], agent="151204")
    bound.world.dashly.agent_notes(talk, words[2], agent="151204")

    said = bound.run("--verbose", "--log", "json", "sync")

    lines = [json.loads(told) for told in said.err.splitlines()]
    done = [found for found in lines if found["event"] in set(Done)]
    assert done
    assert all({"time", "run", "pair", "conversation", "part"} <= set(found) for found in done)
    found = [word for word in [*words, "+4930123456", *bound.environment.values()] if word in said.err]
    assert found == []


@pytest.mark.long
def test_a_quiet_pass_logs_nothing(bound: Any) -> None:
    """One line per thing that was done, none when nothing was."""
    bound.talk()
    bound.run("sync")
    bound.wait(60)
    bound.run("sync")

    assert bound.run("sync").err == ""
