"""A customer, an agent, or whoever names a tag: what they typed is shown and does nothing to the screen."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.host.cell import MOST_MARKS, WIDEST_CELL, cell, json_line, line

if TYPE_CHECKING:
    from tests.security.conftest import Attacked

STYLE = re.compile(r"\x1b\[[0-9;]*m")
PROGRESS = re.compile(r"\x1b\[\?25[lh]|\r?\x1b\[2K|\x1b\[1A|\r(?=\x1b)")
"""How the line of progress, which holds counts only, is drawn anew and taken away."""
HARMLESS = "\u200c\u200d"
TEXTS = st.text(max_size=400) | st.text(
    "[]/\\b=\x1b\x07\x9b\x7f\u202e\u2066\n\r\t\u0301a\ufffd ", max_size=400
)


def acts(told: str) -> list[str]:
    """Return the characters by which a text could act on a terminal or turn its reading around."""
    return [c for c in told if not c.isprintable() and c not in f"\n{HARMLESS}"]


@given(TEXTS)
def test_a_cell_is_one_printable_line_of_bounded_width(text: str) -> None:
    """Whatever a stranger typed."""
    told = cell(text)

    assert acts(told) == []
    assert "\n" not in told
    assert len(told) <= WIDEST_CELL
    assert "  " not in told
    assert not re.search(rf"(?:[{''.join(map(chr, range(0x300, 0x370)))}]){{{MOST_MARKS + 1}}}", told)


@given(TEXTS)
def test_a_line_is_what_it_was_when_it_was_harmless(text: str) -> None:
    """Nothing that a person can read is lost, and a second pass changes nothing."""
    told = line(text)

    assert line(told) == told
    if not acts(text) and "\n" not in text and not any(unicodedata.category(c) == "Mn" for c in text):
        assert told == text


@given(
    st.recursive(TEXTS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3))
)
def test_json_means_the_same_and_holds_nothing_that_acts(value: object) -> None:
    """What is not printable is escaped: programs read the same text, terminals obey nothing."""
    told = json_line(value)

    assert json.loads(told) == value
    assert acts(told) == []
    assert "\n" not in told


@pytest.mark.long
@pytest.mark.parametrize("form", [(), ("--plain",), ("--json",)])
def test_no_command_lets_a_name_act_when_piped(attacked: Attacked, form: tuple[str, ...]) -> None:
    """Lines are lines, a tab parts cells only with --plain, JSON has its escapes."""
    for command in attacked.commands():
        said = attacked.place.run(*form, *command)
        told = said.out + said.err
        assert "Traceback" not in told, command
        assert acts(told.replace("\t", "")) == [], command
        assert form == ("--plain",) or "\t" not in said.out, command
        assert not [shown for shown in told.splitlines() if shown.startswith("FORGED")], command
        if form == ("--json",):
            json.loads(said.out)


@pytest.mark.long
def test_no_command_lets_a_name_act_on_a_terminal(attacked: Attacked) -> None:
    """Colours are ours; no link, no clipboard, no title, no cursor, no reading direction, no forged line."""
    for command in attacked.commands():
        told = attacked.on_a_terminal(*command)
        assert told, command
        assert "Traceback" not in told, command
        assert acts(STYLE.sub("", PROGRESS.sub("", told)).replace("\r\n", "\n")) == [], command
        assert not [shown for shown in told.splitlines() if shown.startswith("FORGED")], command


@pytest.mark.long
def test_markup_is_shown_as_it_was_typed(attacked: Attacked) -> None:
    """A body with `[/b]` is no reason to die, and `[link=…]` is text."""
    piped = attacked.place.run("pairs", "show", attacked.talk).out
    drawn = STYLE.sub("", attacked.on_a_terminal("pairs", "show", attacked.talk))

    for told in (piped, drawn):
        assert "Eve[/b][link=https://evil.example]x[/link]" in told.replace("\r\n", "").replace(" ", "") or (
            "Eve[/b]" in told and "[/link]" in told
        )


def test_a_row_is_a_line_and_an_id_stays_whole_when_piped(attacked: Attacked) -> None:
    """Programs cut columns; a folded id is two wrong ones."""
    (pair,) = attacked.place.run("pairs", "list", "--json").json["pairs"]
    title, names, row = attacked.place.run("pairs", "list").out.splitlines()
    plain = attacked.place.run("pairs", "list", "--plain").out.splitlines()

    assert (title, names.split()) == ("Pairs", ["Dashly", "Intercom", "begun", "in", "state"])
    assert row.split() == [pair["dashly"], pair["intercom"], "Dashly", "quarantined"]
    assert plain == ["# Pairs", "# Dashly\tIntercom\tbegun in\tstate", "\t".join(row.split())]


def test_the_same_thing_has_the_same_name_everywhere(attacked: Attacked) -> None:
    """`status` and `quarantine` tell of the same items in the same words."""
    (listed,) = attacked.place.run("quarantine", "list", "--json").json["quarantine"]
    (shown,) = attacked.place.run("status", "--json").json["quarantine"]
    one = attacked.place.run("quarantine", "show", attacked.item, "--json").json

    assert listed == shown
    assert {k: v for k, v in one.items() if k != "exit_code"} == listed
