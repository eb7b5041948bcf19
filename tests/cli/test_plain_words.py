"""What people read: sides by their names, and after every failure a command to type."""

from __future__ import annotations

import re
from typing import Any

import pytest

# A command, a section or key of the configuration, a file, an address, and an id as it is typed.
DATA = re.compile(
    r"connector [a-z-]+.*|--from \w+|\[[\w. ]+\]|\"[\w.-]+\"|\S*[/._=:]\S*|\w+-(?:to|intercom)-\w+",
    re.MULTILINE,
)


@pytest.fixture
def full(place: Any) -> Any:
    """A bound place with a past that is copied, a conflict, something in quarantine, and something new."""
    place.past(3)
    place.world.dashly.hire(151999, "Nobody Known", "Nobody")
    place.wait(5)
    assert place.run("init").code == 0
    return place


SAID = (
    ("plan", "backfill", "--from", "dashly"),
    ("backfill", "--from", "dashly", "--yes"),
    ("sync",),
    ("plan",),
    ("status",),
    ("pairs", "list"),
    ("verify",),
    ("doctor", "--verbose"),
    ("mapping", "check"),
    ("undo",),
)


def test_no_side_is_told_by_the_word_that_data_holds(full: Any) -> None:
    """Dashly and Intercom are names; only commands, keys and files are written small."""
    for words in SAID:
        said = full.run(*words)
        told = DATA.sub("", said.out + said.err)
        assert not re.findall(r"^.*\b(?:dashly|intercom)\b.*$", told, re.MULTILINE), words
    first = next(iter(full.world.dashly.state.conversations))
    shown = full.run("pairs", "show", str(first)).out
    assert f"Dashly {first} | Intercom " in shown
    assert "begun in Dashly" in shown


def test_a_plan_is_told_in_plain_sentences(full: Any) -> None:
    """How much, how much of it is new, and whom that creates."""
    before = full.run("plan", "backfill", "--from", "dashly").out
    full.run("backfill", "--from", "dashly", "--yes")
    after = full.run("plan", "backfill", "--from", "dashly").out

    assert before.splitlines()[:2] == [
        "3 conversations to create.",
        "Up to 3 customers to create for them.",
    ]
    assert after.splitlines()[0] == "Nothing to write on either side."


REFUSED = {
    "contradiction": ("verify", "--quick", "--id", "1"),
    "unknown run": ("undo", "--run", "nosuchrun", "--yes"),
    "unknown pair": ("pairs", "show", "404404404"),
    "unknown item": ("quarantine", "retry", "99"),
    "unknown id": ("backfill", "--from", "dashly", "--id", "404404404", "--yes"),
    "future": ("verify", "--since", "2999-01-01"),
    "nobody to ask": ("undo", "--run", "x"),
    "no such person": ("forget", "--user", "dashly:404", "--yes"),
    "no file": ("report", "--html", "/nowhere/report.html"),
}


@pytest.mark.parametrize("words", REFUSED.values(), ids=REFUSED)
def test_what_is_refused_names_a_command(bound: Any, words: tuple[str, ...]) -> None:
    """Whoever reads it has something to type, whatever went wrong."""
    said = bound.run(*words)

    assert said.code != 0
    assert said.is_told(), said.err
    assert re.search(r"^  next: .*\bconnector [a-z-]", said.err, re.MULTILINE), said.err


def test_an_outage_and_a_broken_file_name_a_command(bound: Any) -> None:
    """In the sentence, in JSON, and as the next line of `status`."""
    bound.configure(bound.sandbox.intercom.base_url, "http://127.0.0.1:9")
    away = bound.run("sync")
    bound.configure("[sync]", "[sync")
    broken = bound.run("sync", "--json")
    bound.configure("[sync", "[sync]")

    assert (away.code, broken.code) == (3, 2)
    assert "; then: connector" in away.err
    assert "; then: connector sync --json" in broken.json["hint"]
    assert "; then: connector" in bound.run("status").out.splitlines()[1]
