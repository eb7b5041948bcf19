"""What an answer says of the fate of its request."""

from __future__ import annotations

import pytest

from connector.http.failures import Refusal, is_undecided


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        *((code, False) for code in (200, 302, 400, 404, 409, 422, 429)),
        *((code, True) for code in (408, 421, 425, 444, 499, 500, 502, 599)),
    ],
)
def test_some_answers_leave_open_what_became_of_a_write(status: int, expected: bool) -> None:  # noqa: FBT001 - a case
    """A server that failed may have carried it out, and so may whatever stands behind a proxy."""
    assert is_undecided(status) is expected


def test_only_what_looks_like_a_code_or_a_name_is_quoted() -> None:
    """An answer may echo what was sent: at most five names of fields, and no words."""
    fields = ("a", "two words", "b", "c", "d", "e", "f")
    refusal = Refusal(400, "Not a code!", fields)

    assert (refusal.code, refusal.fields) == ("", ("a", "b", "c", "d", "e"))
    assert Refusal(400, "ValidationError", ("admin",)).reason == "400 ValidationError: admin"
    assert Refusal(404).reason == "404"
