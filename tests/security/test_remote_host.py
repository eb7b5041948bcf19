"""A helpdesk, or who answers in its place: its answers may echo a token and end up in no text of ours."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from pydantic import SecretStr

from connector.dashly import answers as dashly
from connector.engine.run.events import Done
from connector.errors import RemoteError
from connector.host.redaction import REDACTOR
from connector.http.service import Service
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


def test_a_quiet_pass_logs_nothing(bound: Any) -> None:
    """One line per thing that was done, none when nothing was."""
    bound.talk()
    bound.run("sync")
    bound.wait(60)
    bound.run("sync")

    assert bound.run("sync").err == ""
