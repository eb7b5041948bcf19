"""The file beside the state that keeps what people decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connector.errors import PersonNeeded
from connector.host.decisions import Decisions, LeftOut, PairDecision, Tie
from mappings.model import Side

if TYPE_CHECKING:
    from pathlib import Path

ONE = LeftOut(Side.DASHLY, "2415013176279043824", "2415013176279043900")
OTHER = LeftOut(Side.INTERCOM, "215474000310017", "source:2403918330")


@pytest.fixture
def decisions(tmp_path: Path) -> Decisions:
    """Return the decisions beside a state file."""
    return Decisions.beside(tmp_path / "connector.db")


def test_what_was_decided_is_read_again(decisions: Decisions) -> None:
    """Every decision is kept, and only its owner may read the file."""
    assert list(decisions.left_out()) == []

    decisions.add([ONE])
    decisions.add([OTHER])
    decisions.add([])

    assert list(decisions.left_out()) == [ONE, OTHER]
    assert decisions.path.stat().st_mode & 0o777 == 0o600


def test_a_line_that_was_cut_off_costs_no_other(decisions: Decisions) -> None:
    """A crash while writing, or a stranger's line, leaves the rest readable."""
    decisions.path.write_text('{"left_out": "1", "dashly"', encoding="utf-8")

    decisions.add([ONE])
    with decisions.path.open("a", encoding="utf-8") as file:
        file.write('\n[1]\n{"left_out": 5, "dashly": "x"}\nnull\n')

    assert list(decisions.left_out()) == [ONE]


def test_a_link_in_its_place_is_refused(decisions: Decisions, tmp_path: Path) -> None:
    """Nothing is written to where a link points, and nothing is read from there."""
    victim = tmp_path / "victim"
    victim.write_text("precious", encoding="utf-8")
    decisions.path.symlink_to(victim)

    with pytest.raises(PersonNeeded, match="cannot be opened"):
        decisions.add([ONE])
    with pytest.raises(PersonNeeded, match="cannot be opened"):
        list(decisions.left_out())
    assert victim.read_text(encoding="utf-8") == "precious"


def test_what_was_decided_last_of_two_conversations_holds(decisions: Decisions) -> None:
    """They may be linked, unlinked and linked again."""
    ids = {Side.DASHLY: "2415013176279043824", Side.INTERCOM: "215474000310017"}
    linked, unlinked = PairDecision(Tie.LINKED, ids, 1.5), PairDecision(Tie.UNLINKED, ids, 2.5)
    decisions.add([linked])
    decisions.add([ONE, unlinked])
    with decisions.path.open("a", encoding="utf-8") as file:
        file.write('\n{"linked": "now", "dashly": "1", "intercom": "2"}\n{"linked": 3, "dashly": "1"}\n')

    assert list(decisions.pairs()) == [unlinked]
    assert list(decisions.left_out()) == [ONE]
    decisions.add([linked])
    assert list(decisions.pairs()) == [linked]
