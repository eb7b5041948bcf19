"""The manual's page of the mapping is the one that the table makes."""

from pathlib import Path

from mappings.describe import document

PAGE = Path(__file__).parents[2] / "docs" / "mapping.md"


def test_the_manual_is_not_stale(update):
    """`docs/mapping.md` says what the table says; `--update-golden` writes it again."""
    if update:
        PAGE.write_text(document(), encoding="utf-8")

    assert PAGE.read_text(encoding="utf-8") == document()
