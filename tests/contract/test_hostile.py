"""Hostile answers: whatever a side sends, a call returns or raises one clear error, and tells no secret."""

import json
import logging
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from connector.errors import ConnectorError
from connector.helpdesk.port import (
    AddTag,
    Assign,
    Person,
    PostMessage,
    PostNote,
    RemoveTag,
    SetStatus,
    StartConversation,
)
from connector.helpdesk.query import HistoryQuery
from connector.http.pace import MemoryRequestLog
from connector.sandbox import World
from connector.wiring import Wiring, open_dashly, open_intercom
from mappings.model import CLOSED, Customer
from tests.clock import VirtualClock
from tests.contract.kit.stage import Wire, configuration

QUICK = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
WORDS = "wordsnobodymaysee"
TOKENS = ("app.48213.8f2c5d0e7b1a4936", World().intercom.state.token)
DANA = Customer("500", "acct-500", "Dana", "dana@example.net")

NUMBERS = st.integers() | st.floats() | st.sampled_from([10**400, 2**64, -1, 1e308])
SCALARS = st.none() | st.booleans() | NUMBERS | st.text(max_size=5) | st.sampled_from(["0", "1e9", "²"])
JUNK = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
)


class Tampering(httpx.BaseTransport):
    """Passes exchanges on and tampers with one of the answers."""

    def __init__(self, inner, number, tamper):
        self._inner = inner
        self._number = number
        self._tamper = tamper
        self.seen = 0

    def handle_request(self, request):
        """Answer, or answer nonsense."""
        response = self._inner.handle_request(request)
        self.seen += 1
        return self._tamper(response) if self.seen == self._number else response


class Target:
    """One side with a conversation in it, and every kind of call to its desk."""

    def __init__(self, side, version="2.16"):
        self.side, self.version = side, version
        self.world = World(dashly_limit=10**9, intercom_limit=10**9)
        people = self.world.desk(side)
        self.agent = people.agents()[0]
        self.person = people.customer("Dana", email="dana@example.net")
        self.talk = people.customer_starts(self.person, WORDS)
        people.agent_notes(self.talk, WORDS, agent=self.agent)
        people.tag(self.talk, "VIP", agent=self.agent)

    def calls(self):
        """Return every call, by name."""
        talk, agent, person = self.talk, self.agent, Person(self.person)
        writes = {
            "start": StartConversation(person, WORDS),
            "message": PostMessage(talk, WORDS, agent=agent, silent=self.side == "dashly"),
            "customer": PostMessage(talk, WORDS, customer=person),
            "note": PostNote(talk, WORDS, agent),
            "assign": Assign(talk, agent, assignee=agent),
            "close": SetStatus(talk, agent, CLOSED),
            "tag": AddTag(talk, agent, "bug"),
            "untag": RemoveTag(talk, agent, "bug"),
        }
        reads = {
            "identity": lambda desk: desk.identity(),
            "agents": lambda desk: desk.agents(),
            "teams": lambda desk: desk.teams(),
            "tags": lambda desk: desk.tags(),
            "changed": lambda desk: list(desk.changed_since(0.0)),
            "history": lambda desk: list(desk.history(HistoryQuery(tag="VIP"))),
            "conversation": lambda desk: desk.conversation(talk),
            "begun": lambda desk: list(desk.begun_by(person, 0.0)),
            "find": lambda desk: desk.find_customer("acct-500"),
            "create": lambda desk: desk.create_customer(DANA),
        }
        return reads | {name: lambda desk, write=write: desk.send(write) for name, write in writes.items()}

    def attempt(self, name, number, tamper):
        """Make one call with a tampered answer; return what came of it, and how many answers there were."""
        transport = Tampering(Wire(self.world, lambda *_: None), number, tamper)
        config = configuration(self.version, intercom={"tag_api_version": "2.16", "loud_mirror": True})
        wiring = Wiring(VirtualClock(), transport=transport)
        if self.side == "dashly":
            desk: Any = open_dashly(config, SecretStr(TOKENS[0]), MemoryRequestLog(), wiring)
        else:
            desk = open_intercom(config, SecretStr(TOKENS[1]), wiring)
        try:
            self.calls()[name](desk)
        except ConnectorError as error:
            return f"{error} {error.hint}", transport.seen
        finally:
            desk.close()
        return "", transport.seen


SIDES = [("dashly", "2.16"), ("intercom", "2.16"), ("intercom", "1.4")]
CALLS = [(*side, name) for side in SIDES for name in Target(*side).calls()]


def dig(value, path, junk):
    """Return the value with junk put somewhere inside it, or with something taken away."""
    if not path or not isinstance(value, dict | list) or not value:
        return junk
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    key = keys[path[0] % len(keys)]
    copy = value.copy()
    if len(path) == 1 and junk == "missing":
        del copy[key]
    else:
        copy[key] = dig(copy[key], path[1:], junk)
    return copy


def swapped(path, junk):
    """Return a tampering that swaps a piece of the answer."""

    def tamper(response):
        body = json.dumps(dig(json.loads(response.read()), path, junk))
        return httpx.Response(response.status_code, headers={"Date": "x"}, content=body.encode())

    return tamper


def check(target, name, tamper, caplog):
    """Tamper with each answer of a call in turn."""
    number = 1
    while True:
        caplog.clear()
        told, seen = target.attempt(name, number, tamper)
        logged = f"{told} {caplog.text}"
        assert WORDS not in logged
        assert not any(token in logged for token in TOKENS)
        if number >= seen or number == 3:
            return
        number += 1


def search(caplog, side, version, name, examples):
    """Swap pieces of the answers of one call."""
    caplog.set_level(logging.DEBUG)
    target = Target(side, version)

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(path=st.lists(st.integers(0, 40), min_size=1, max_size=6), junk=JUNK | st.just("missing"))
    def swap(path, junk):
        check(target, name, swapped(path, junk), caplog)

    swap()


@pytest.mark.parametrize(("side", "version", "name"), CALLS)
def test_a_piece_of_another_type(caplog, side, version, name):
    """Types swapped, fields missing, junk anywhere: a value or one error, for each answer of each call."""
    search(caplog, side, version, name, examples=5)


@pytest.mark.sweep
@pytest.mark.parametrize(("side", "version", "name"), CALLS)
def test_many_pieces_of_other_types(caplog, side, version, name):
    """The same, for long."""
    search(caplog, side, version, name, examples=300)


def nested(depth):
    """Return JSON that is nested to exhaust a reader."""
    return b'{"meta": ' + b"[" * depth + b"]" * depth + b"}"


BODIES = {
    "nothing": b"",
    "html": b"<html><h1>502</h1></html>",
    "a list": b"[]",
    "a text": b'"ok"',
    "null": b"null",
    "no number": b'{"meta": {"status": NaN}, "type": Infinity}',
    "a long number": b'{"meta": {"status": ' + b"9" * 5_000 + b'}, "id": ' + b"9" * 5_000 + b"}",
    "a far exponent": b'{"meta": {"status": 1e999999}, "id": 1e999999}',
    "nested": nested(900),
    "nested to exhaust": nested(200_000),
    "other charset": json.dumps({"meta": {"status": 200}, "data": [], "id": "\xe9"}).encode("utf-16"),
    "latin": '{"meta": {"status": 200}, "data": {"id": "\xe9"}, "id": "\xe9"}'.encode("latin-1"),
    "byte order mark": b"\xef\xbb\xbf" + b'{"meta": {"status": 200}, "data": []}',
    "lone surrogate": b'{"meta": {"status": 200}, "data": {"id": "\\ud800"}, "id": "\\ud800"}',
    "twice": b'{"meta": {"status": 200}, "meta": {"status": 500}, "data": {}, "data": [], "id": 1, "id": {}}',
    "an error in success": b'{"type": "error.list", "errors": "?", "meta": {"status": [], "error": {}}}',
    "zeros": b"\x00" * 1_000,
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize(("side", "version"), SIDES)
def test_another_body_altogether(caplog, side, version, body):
    """No JSON, other JSON, JSON that hurts: each call ends with a value or one error."""
    caplog.set_level(logging.DEBUG)
    target = Target(side, version)

    def tamper(response):
        return httpx.Response(response.status_code, content=body)

    for name in target.calls():
        check(target, name, tamper, caplog)


@pytest.mark.parametrize("status", [100, 204, 206, 300, 301, 304, 307, 400, 401, 403, 404, 418, 503, 599])
@pytest.mark.parametrize(("side", "version"), SIDES)
def test_another_status(caplog, side, version, status):
    """A status that does not fit the body: a value or one error; redirects are never followed."""
    caplog.set_level(logging.DEBUG)
    target = Target(side, version)

    def tamper(response):
        headers = {"Location": "https://elsewhere.example/", "Retry-After": "later", "Date": "never"}
        return httpx.Response(status, headers=headers, content=response.content)

    for name in ("identity", "conversation", "note", "tag"):
        check(target, name, tamper, caplog)


@pytest.mark.parametrize(("side", "version"), SIDES)
def test_an_answer_cut_anywhere(caplog, side, version):
    """Half an answer is not an answer."""
    caplog.set_level(logging.DEBUG)
    target = Target(side, version)

    for name in ("changed", "conversation", "note", "close"):
        for share in (0.1, 0.5, 0.99):

            def tamper(response, share=share):
                content = response.content[: int(len(response.content) * share)]
                return httpx.Response(response.status_code, content=content)

            told, _ = target.attempt(name, 1, tamper)
            assert told
