"""A verify that ended half-way: what it found is told and kept, and `--resume` goes on from there."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from connector.app.progress.verify import Compared, Keeper, kept
from connector.engine.inspect.scope import Finding, Wanted
from connector.engine.inspect.verdict import Verdict
from connector.engine.inspect.verify import Difference
from mappings.model import Side

NAMES = ("Ann", "Bea", "Cyd", "Dee", "Eva")
TALKS = len(NAMES)
READ = r"/conversations/\d+$"


@pytest.fixture
def compared(bound: Any) -> Any:
    """A bound connector with some pairs, which compares them one by one."""
    bound.config.write_text(bound.config.read_text() + "workers = 1\n")
    desk = bound.world.dashly
    for name in NAMES:
        desk.customer_starts(desk.customer(name), f"question of {name}")
    bound.run("sync")
    return bound


def ended_half_way(place: Any) -> Any:
    """Return how a verify ended to which Intercom refused the third conversation."""
    place.world.fault("status", side="intercom", method="GET", path=READ, status=403, nth=3)
    said = place.run("verify", "--json")
    place.world.clear_faults()
    return said


def test_what_was_found_is_told_and_the_rest_is_compared_later(compared: Any) -> None:
    """No pair is read twice, and in the end each has its verdict."""
    said = ended_half_way(compared)
    before = len(compared.world.requests())
    rest = compared.run("verify", "--resume", "--json")
    read = [
        r.path for r in compared.world.requests()[before:] if re.search(READ, r.path) and r.method == "GET"
    ]

    assert (said.code, said.json["complete"], said.json["pairs"]) == (7, False, 2)
    assert (rest.code, rest.json["complete"], rest.json["pairs"]) == (0, True, TALKS)
    assert rest.json["began"] == said.json["began"]
    assert len(read) == TALKS - 2


def test_a_person_is_told_that_it_is_half_of_it(compared: Any) -> None:
    """On the screen too, and what to type."""
    compared.world.fault("status", side="intercom", method="GET", path=READ, status=503, nth=3, times=99)

    said = compared.run("verify")

    assert said.code == 3
    assert "Not everything was compared" in said.out
    assert "2 pairs compared" in said.out
    assert "verify --resume" in said.err


def test_a_verify_that_came_to_its_end_leaves_nothing_to_resume(compared: Any) -> None:
    """Nor does a new one that ends go on with the old one."""
    ended_half_way(compared)
    compared.run("verify")

    said = compared.run("verify", "--resume")

    assert (said.code, said.is_told()) == (2, True)


def test_a_look_at_one_conversation_displaces_nothing(compared: Any) -> None:
    """Somebody looks at a single one while the long one waits to go on."""
    ended_half_way(compared)
    one = compared.world.truth()["dashly"]["conversations"][0]["id"]
    compared.run("verify", "--id", one)

    assert compared.run("verify", "--resume", "--json").json["pairs"] == TALKS


@pytest.mark.parametrize("option", [["--quick"], ["--since", "1d"], ["--id", "7"]], ids=" ".join)
def test_what_is_resumed_is_not_chosen_anew(bound: Any, option: list[str]) -> None:
    """It goes on with what was wanted then."""
    said = bound.run("verify", "--resume", *option)

    assert (said.code, said.is_told()) == (2, True)


def test_an_erased_person_is_in_no_kept_verify(compared: Any) -> None:
    """What was found names conversations; it is let go."""
    ended_half_way(compared)
    person = compared.world.truth()["dashly"]["conversations"][0]["user"]

    assert compared.run("forget", "--user", f"dashly:{person}", "--yes").code == 0
    assert compared.run("verify", "--resume").code == 2


class Kept:
    """A place for one text, as the state file has it."""

    text = ""

    def verify(self) -> str | None:
        """Return the text."""
        return self.text or None

    def set_verify(self, progress: str) -> None:
        """Keep a text."""
        self.text = progress


def test_what_is_kept_is_read_back(clock: Any) -> None:
    """Verdicts, differences and rows; of what belongs to no pair nothing, since it is found again."""
    found, place = Compared(Wanted(since=5.0), 100.0), Kept()
    different = (Difference("1", "2", Side.DASHLY, "3", "is away"),)
    for finding in (
        Finding(Verdict.EQUAL, "4", "5", row=9),
        Finding(Verdict.DIFFERENT, "1", "2", explained=False, differences=different, row=7),
        Finding(Verdict.WITHOUT_MIRROR, "8", ""),
    ):
        found.add(finding)
    Keeper(place, clock, found).keep()  # type: ignore[arg-type]

    back = kept(place)  # type: ignore[arg-type]

    assert back is not None
    assert (back.wanted, back.began, len(back.rows)) == (Wanted(since=5.0), 100.0, 2)
    assert back.findings == [found.findings[0]]
    assert back.verdicts == {Verdict.EQUAL: 1, Verdict.DIFFERENT: 1}


@pytest.mark.parametrize("text", ["{", "[]", '{"began": 1}', json.dumps({"began": 1, "rows": "no"})])
def test_what_cannot_be_read_is_no_verify(text: str) -> None:
    """A newer version may have written it."""
    place = Kept()
    place.text = text

    assert kept(place) is None  # type: ignore[arg-type]
