"""Tables as people and programs read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.cli.output.render import Screen, print_run, table

if TYPE_CHECKING:
    import pytest


def test_a_table_without_rows_says_so_and_keeps_its_columns_for_programs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A person sees that there is nothing; a program reads the same columns as always."""
    empty = table("Quarantine", ["id", "side"], [])

    Screen().print(empty)
    Screen(plain=True).print(empty)

    assert capsys.readouterr().out == "Quarantine: none\n# Quarantine\n# id\tside\n"


def test_a_run_that_was_stopped_at_once_says_what_waits(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing was carried, and no empty place stands before it."""
    print_run(
        {
            "command": "backfill",
            "run_id": "r1",
            "conversations": {},
            "parts": {},
            "parts_seen": 14,
            "parts_waiting": 14,
            "losses": {},
            "requests": {},
            "writes": {},
            "notices": [],
        }
    )

    assert "  parts     14 = waiting 14\n" in capsys.readouterr().out
