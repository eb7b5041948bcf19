"""A next step always ends in a command that can be typed, once."""

from __future__ import annotations

import pytest

from connector.errors import with_command


@pytest.mark.parametrize(
    ("hint", "told"),
    [
        ("", "connector sync"),
        ("make room", "make room; then: connector sync"),
        ("make room, then run it again", "make room; then: connector sync"),
        ("lower the rate; then run again later.", "lower the rate; later: connector sync"),
        ("Nothing is lost: run again later.", "Nothing is lost; later: connector sync"),
        ("run it again", "connector sync"),
        ("run again later", "later: connector sync"),
        ("chmod 600 a", "chmod 600 a"),
    ],
)
def test_a_hint_names_the_command_once(hint: str, told: str) -> None:
    """What says "run again" says what to run, and does not say it twice."""
    assert with_command(hint, "connector sync") == told
