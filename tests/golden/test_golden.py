"""Every row of both mapping tables, played through the real planner and the real clients, as golden pages."""

from pathlib import Path

import pytest

from mappings.model import Side
from tests.golden.theatre import kinds

PAGES = Path(__file__).parent / "pages"
LARGEST = 1_500_000
EVERY = [(side, kind) for side in Side for kind in kinds(side)]


def file_of(side, kind):
    """Return where the page of a type is kept."""
    name = kind.replace("/", "--").replace(" ", "-")
    return PAGES / side.value / f"{name}.txt"


@pytest.mark.long
@pytest.mark.parametrize(("side", "kind"), EVERY, ids=str)
def test_page(side, kind, theatre, update):
    """What becomes of a type, whoever wrote it and however it is met, is what its page says."""
    path = file_of(side, kind)

    page = theatre.page(side, kind)

    if update:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == page


def test_nobody_is_notified_by_a_copy(update):
    """No example fails, and nothing but a delivered message ever notifies the customer."""
    if update:
        pytest.skip("the pages are being written")

    for path in PAGES.glob("*/*.txt"):
        for block in path.read_text(encoding="utf-8").split("\n\n"):
            scenes = block.partition("] ")[0].strip("[").split(", ")
            assert "FAILS" not in block
            assert "DIFFERS" not in block, "verify is told of a copy that was just made"
            if "THE CUSTOMER IS NOTIFIED" in block:
                assert all(scene.startswith("deliver") for scene in scenes), block


def test_pages_are_those_of_the_table(update):
    """There is a page for every type, none is left over, and together they stay small."""
    if update:
        pytest.skip("the pages are being written")
    found = set(PAGES.glob("*/*.txt"))

    assert found == {file_of(side, kind) for side, kind in EVERY}
    assert sum(path.stat().st_size for path in found) < LARGEST
