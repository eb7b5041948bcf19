"""Lines for the configuration are TOML, whatever the names on the other side are."""

from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from connector.cli.output.toml_lines import proposal

NAMES = st.text(max_size=12) | st.text('"\\\\#\n\r\x1b\x7f\u2028 a', max_size=12)


@given(NAMES, NAMES, NAMES)
def test_a_line_says_what_it_should(key: str, value: str, comment: str) -> None:
    """Without its first # it is the one entry that was meant, and the comment is none."""
    line = proposal(key, value, comment).removeprefix("# ")

    assert tomllib.loads(f"[map.tags]\n{line}\n") == {"map": {"tags": {key: value}}}
    assert line.replace("\u200c", "").replace("\u200d", "").isprintable()


@given(NAMES, NAMES, NAMES)
def test_a_line_is_in_force_for_nobody_until_it_is_uncommented(key: str, value: str, comment: str) -> None:
    """Pasted as it is, a guess changes nothing."""
    assert tomllib.loads(proposal(key, value, comment)) == {}


def test_a_name_cannot_talk_to_the_terminal() -> None:
    """Control characters and line breaks of a name do not reach the comment."""
    told = proposal("1", "2", "Bill\x1b[31ming\n[map.admins]\x07 team")

    assert told.endswith("# Bill\ufffd[31ming [map.admins]\ufffd team")
