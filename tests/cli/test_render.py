"""Tables as people and programs read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.cli.output.render import Fact, Screen, print_run, table

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


def test_facts_stand_under_each_other_and_are_rows_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    """No blanks to be cut by: a name, a tab, and what is known in one cell."""
    fact = Fact("pairs", ("gone 1", "gone: deleted on a side"))

    Screen().print(fact)
    Screen(plain=True).print(fact)

    padded = "pairs        gone 1\n             gone: deleted on a side\n"
    assert capsys.readouterr().out == padded + "pairs\tgone 1; gone: deleted on a side\n"


def test_what_is_mere_information_is_not_said_to_need_attention(capsys: pytest.CaptureFixture[str]) -> None:
    """Who reads the first heading at night must act on what stands under it, and on nothing else."""
    print_run(_report([_notice("call him", "attention"), _notice("only told", "information")]))

    assert capsys.readouterr().out.endswith(
        "needs attention:\n  - call him\n    -> do it\ninformation:\n  - only told\n"
    )

    print_run(_report([_notice("only told", "information")]))

    assert "attention" not in capsys.readouterr().out


def _notice(sentence: str, severity: str) -> dict[str, Any]:
    new = severity != "information"
    return {"sentence": sentence, "severity": severity, "links": {}, "new": new, "remedy": "do it"}


def _report(notices: list[dict[str, Any]]) -> dict[str, Any]:
    nothing: dict[str, Any] = {key: {} for key in ("conversations", "parts", "losses", "requests", "writes")}
    named = {"command": "sync", "run_id": "r1", "parts_seen": 0, "parts_waiting": 0, "notices": notices}
    return {**nothing, **named}


def test_what_programs_read_as_a_name_is_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    """No name of a field or of an enumeration is in a sentence."""
    print_run(_report([]) | {"conversations": {"done": 3, "put_aside": 1}, "losses": {"no-api": 2}})

    said = capsys.readouterr().out
    assert "done 3, set aside 1\n" in said
    assert "  not shown no API call 2\n" in said
