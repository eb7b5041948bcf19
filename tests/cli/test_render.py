"""Tables as people and programs read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.cli.output.render import Screen, table

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
