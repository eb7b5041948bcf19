"""One bad part harms nobody: through the helpdesks, whatever is in it, the rest of its page is read."""

from __future__ import annotations

import json

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mappings.model import Message, Side
from tests.golden.stage import Stage

D, IC = Side.DASHLY, Side.INTERCOM
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["", "0", "²", "1e999", "\ud800", "x" * 5_000, 10**30, -1, 2**63]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)


class Spoilt(httpx.BaseTransport):
    """Passes requests on, and spoils the second part of a conversation in the answers."""

    def __init__(self, inner, side):
        self.change = None
        self._inner = inner
        self._side = side

    def handle_request(self, request):
        """Answer, perhaps with a spoilt part."""
        response = self._inner.handle_request(request)
        body = json.loads(response.content)
        rows = self._rows(body)
        if self.change and rows:
            rows[1] = self.change(rows[1])
            text = json.dumps(body).encode()
            kept = {name: response.headers[name] for name in ("Content-Type", "Date")}
            return httpx.Response(200, content=text, headers=kept)
        return response

    def _rows(self, body):
        if self._side is D:
            rows = body.get("data")
            return rows if isinstance(rows, list) and rows and "part_group" in rows[0] else []
        return (body.get("conversation_parts") or {}).get("conversation_parts")


@pytest.fixture(scope="module", params=["dashly", "intercom 2.16", "intercom 1.4"])
def talk(request, tmp_path_factory):
    """A conversation of five messages, and a way to spoil one of them."""
    side, _, version = request.param.partition(" ")
    stage = Stage(tmp_path_factory.mktemp("bad"), version or "2.16", IC, wrap=Spoilt)
    people = stage.world.desk(side)
    talk = people.customer_starts(people.customer("Dana", email="dana@example.net"), "Hello")
    for number in range(4):
        people.customer_writes(talk, f"message {number}")
    yield stage.helpdesks[Side(side)], stage.spoilers[Side(side)], talk
    stage.close()


def read(talk, change):
    """Read the conversation with its second part changed."""
    desk, spoilt, conversation = talk
    spoilt.change = change
    try:
        return desk.conversation(conversation)
    finally:
        spoilt.change = None


def texts(found):
    """Return the words of all messages."""
    return [part.words.text for part in found.parts if isinstance(part.words, Message)]


@given(field=st.integers(0, 40), junk=JUNK)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_junk_in_a_field(talk, field, junk):
    """With any junk in any field, the other four messages are there, and the fifth at most as a bad part."""
    whole = texts(read(talk, None))

    found = read(talk, lambda part: {**part, list(part)[field % len(part)]: junk})

    assert len(set(whole) - set(texts(found))) <= 1
    assert len(found.bad) <= 1


@pytest.mark.parametrize("lost", ["id", "created", "created_at"])
@pytest.mark.parametrize("value", [None, "", "soon", [], {}])
def test_a_part_without_id_or_time(talk, lost, value):
    """A part that cannot be placed is a bad part, with a reason that quotes nothing; the others are read."""
    found = read(talk, lambda part: {**part, lost: value} if lost in part else part)

    if found.bad:
        assert len(texts(found)) == 4
        assert "message" not in found.bad[0].reason
    else:
        assert len(texts(found)) == 5


def test_unknown_types_stay_inside(talk):
    """A type that nobody knows becomes no message, whatever it says."""
    for name in ("type", "part_type"):
        found = read(talk, lambda part, name=name: {**part, name: "reply_to_all"} if name in part else part)
        assert len(texts(found)) in {4, 5}
        assert all(not isinstance(p.words, Message) for p in found.parts if p.type == "reply_to_all")
