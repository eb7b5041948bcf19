"""Long lines on a terminal."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.cli.output.explain import tell_aside
from connector.cli.output.wrapping import wrapped

WIDTH = 40


def test_a_line_is_broken_between_words_under_its_first_word() -> None:
    """A name, a mark or a margin keeps its column to itself."""
    assert list(wrapped("lag          Dashly three minutes, Intercom two minutes", WIDTH)) == [
        "lag          Dashly three minutes,",
        "             Intercom two minutes",
    ]
    assert list(wrapped("    -> Dashly allows 60 and may block a key for good", WIDTH)) == [
        "    -> Dashly allows 60 and may block a",
        "       key for good",
    ]
    assert list(wrapped("connector: the mapping or the directions changed", WIDTH)) == [
        "connector: the mapping or the directions",
        "changed",
    ]


def test_what_is_copied_from_the_screen_stays_whole() -> None:
    """A command, and an address however long it is."""
    told = "  next: correct these lines, and when that is done connector sync --accept"
    link = f"see https://app.intercom.com/{'a' * WIDTH} there"

    assert list(wrapped(told, WIDTH))[-1] == "        connector sync --accept"
    assert list(wrapped("- the line of it is wrong: `connector mapping check` says why", WIDTH)) == [
        "- the line of it is wrong:",
        "  `connector mapping check` says why",
    ]
    assert list(wrapped(link, WIDTH)) == ["see", f"https://app.intercom.com/{'a' * WIDTH}", "there"]


@pytest.mark.parametrize(
    "told",
    [
        "  next: connector --config 'my 5% shop.toml' init --dashly 'https://api.example.org'",
        "Next: connector --config 'my 5% shop.toml' doctor --verbose --json",
        "* * * * * cd /srv/shop && connector --config shop.toml sync >> shop.log 2>&1",
        "export DASHLY_TOKEN_FILE=/srv/shop/one INTERCOM_TOKEN_FILE=/srv/shop/other",
        "sudo systemctl enable --now connector@shop.timer connector@other.timer",
    ],
)
def test_a_line_that_is_a_command_stays_whole(told: str) -> None:
    """It is pasted into a shell, where a line break ends it."""
    assert list(wrapped(told, WIDTH)) == [told]


def test_a_line_that_fits_is_left_as_it_is() -> None:
    """Nothing in it is moved, whatever blanks it holds."""
    assert list(wrapped("  a   b ", WIDTH)) == ["  a   b "]


@given(st.text(st.sampled_from("ab `-界"), max_size=120), st.integers(1, 50))
def test_no_word_is_lost_or_changed(text: str, width: int) -> None:
    """For any text and any width."""
    assert " ".join(wrapped(text, width)).split() == text.split()


def test_an_error_is_folded_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A log keeps it in one line."""
    told = "connector: the file of the export cannot be used at all"
    monkeypatch.setenv("COLUMNS", str(WIDTH))

    tell_aside(told)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    tell_aside(told)

    assert capsys.readouterr().err == f"{told}\nconnector: the file of the export cannot\nbe used at all\n"
