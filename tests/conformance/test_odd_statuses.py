"""Answers that no description names: what a write becomes by them, on both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from connector.errors import ConnectorError, NeverSent, Unclear, Unreadable
from connector.helpdesk.port import PostNote

if TYPE_CHECKING:
    from connector.helpdesk.port import Helpdesk
    from tests.scripted import Remote

DASHLY, INTERCOM = "/v2/conversations/5/reply", "/conversations/5/reply"


@pytest.fixture(params=["dashly", "intercom"])
def desk(request: pytest.FixtureRequest) -> Helpdesk:
    """A desk of each side over the scripted remote."""
    found: Helpdesk = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (307, NeverSent),
        (308, NeverSent),
        (301, Unclear),
        (302, Unclear),
        (303, Unclear),
        (304, Unclear),
        (408, Unclear),
        (425, Unclear),
        (499, Unclear),
        (500, Unclear),
        (599, Unclear),
        (200, Unclear),
        (204, Unclear),
        (299, Unclear),
    ],
)
def test_a_write_with_an_odd_answer_is_unclear_unless_it_surely_did_not_happen(
    desk: Helpdesk, remote: Remote, status: int, expected: type[ConnectorError]
) -> None:
    """None of them is a refusal for good: the next run finds out, and nobody has to help."""
    for path in (DASHLY, INTERCOM):
        remote.on(f"POST {path}", b"", status=status, headers={"Location": "https://elsewhere.test/"})

    with pytest.raises(ConnectorError) as caught:
        desk.send(PostNote("5", "x", "1"))

    assert type(caught.value) is expected
    assert len(remote.requests) == 1
    if 300 <= status < 400:
        assert f"base_url in [{desk.side}]" in caught.value.hint


@pytest.mark.parametrize("status", [408, 425, 499, 307, 500])
def test_an_undecided_status_in_dashlys_envelope_is_unclear_too(
    dashly: Helpdesk, remote: Remote, status: int
) -> None:
    """Whatever HTTP says around it."""
    answer: dict[str, Any] = {"meta": {"status": status, "error": "X"}, "data": {}}
    remote.on(f"POST {DASHLY}", answer)

    with pytest.raises(Unclear):
        dashly.send(PostNote("5", "x", "1"))


def test_a_redirected_read_says_what_to_correct(desk: Helpdesk, remote: Remote) -> None:
    """It is not followed."""
    for path in ("/v2/conversations/5", "/conversations/5"):
        remote.on(f"GET {path}", b"", status=308, headers={"Location": "https://elsewhere.test/"})

    with pytest.raises(Unreadable, match="redirected") as caught:
        desk.conversation("5")
    assert f"base_url in [{desk.side}]" in caught.value.hint
