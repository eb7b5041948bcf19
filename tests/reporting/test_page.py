"""The page of `report --html`: whole in itself, harmless whatever it names, and true to the state file."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from connector.app.reporting.writing import write_report
from connector.errors import BEGIN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.faults.lab import Lab

TAGS = frozenset(
    [
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "header",
        "h1",
        "h2",
        "p",
        "bdi",
        "strong",
        "br",
        "code",
        "main",
        "dl",
        "div",
        "dt",
        "dd",
        "section",
        "ul",
        "li",
        "i",
        "svg",
        "g",
        "line",
        "text",
        "rect",
        "polyline",
        "circle",
        "details",
        "summary",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "footer",
    ]
)
ADDRESSES = frozenset({"src", "href", "action", "data", "poster", "srcset", "background", "style"})


class Reader(HTMLParser):
    """Collects what is in a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.texts: list[str] = []
        self.headings: list[str] = []
        self.depth: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a tag with its attributes."""
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self.depth.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Take the end of a tag."""
        while self.depth and self.depth.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Take a text."""
        self.texts.append(data)
        if self.depth and self.depth[-1] == "h2":
            self.headings.append(data)


def page(lab: Lab, folder: Path) -> tuple[str, Reader]:
    """Write the report and read it."""
    target = folder / "report.html"
    size = write_report(lab.config, lab.environment, target)
    text = target.read_text(encoding="utf-8")
    assert target.stat().st_size == size
    assert target.stat().st_mode & 0o777 == 0o600
    reader = Reader()
    reader.feed(text)
    return text, reader


def test_a_hostile_name_is_a_name(aged: Callable[[], Lab], tmp_path: Path) -> None:
    """No tag, attribute, address, template or direction mark of a stranger's gets into the page."""
    lab = aged()
    lab.requests.clear()

    text, read = page(lab, tmp_path)

    assert read.tags <= TAGS
    assert not read.attributes & ADDRESSES
    assert not [name for name in read.attributes if name.startswith("on")]
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08\x1b]", text)
    shown = "".join(read.texts)
    assert "<script>alert(1)</script>" in shown
    assert "{{ 7 * 7 }}" in shown
    assert lab.requests == []


def test_the_page_loads_nothing(aged: Callable[[], Lab], tmp_path: Path) -> None:
    """It may not, by its own policy, and names no address of anything."""
    text, read = page(aged(), tmp_path)

    assert "default-src 'none'" in text
    assert not re.search(r"https?://|url\(|@import", text)
    assert "script" not in read.tags


@pytest.mark.parametrize("year", [False, True])
def test_every_subject_has_its_place(
    aged: Callable[[], Lab], bound: Lab, tmp_path: Path, *, year: bool
) -> None:
    """Also where there is nothing to tell yet: then one line says so."""
    text, read = page(aged() if year else bound, tmp_path)

    for heading in (
        "Runs, by how they ended",
        "Lag at the end of a run",
        "Parts dealt with",
        "Parts of history",
        "Requests",
        "Quarantine",
        "Conflicts",
        "People without a counterpart",
        "History: what became of each part",
        "Parts of Dashly, by type",
        "Losses: what the other side does not show",
        "Last runs",
    ):
        assert heading in read.headings
    assert text.count("<svg") == (4 if year else 0)
    assert ("Nothing to plot yet." in text) is not year or text.count("Nothing to plot yet.") == 1


def test_long_tables_end(aged: Callable[[], Lab], tmp_path: Path) -> None:
    """A person reads two hundred rows at most; how many more is told; a year is plotted by day."""
    text, read = page(aged(), tmp_path)

    assert "and 500 more" in "".join(read.texts)
    assert text.count("<title>") == 1 + 4 * 365
    assert "4.6% of that" in text
    assert "1 times" not in text


def test_a_share_that_is_not_nothing_is_not_called_so(bound: Lab, tmp_path: Path) -> None:
    """A few requests of a day's 86,400 are less than a tenth of a per cent."""
    bound.world.dashly.customer_starts(bound.world.dashly.customer("Eva"), "hello")
    bound.sync()

    assert "used less than 0.1% of that" in page(bound, tmp_path)[0]


def test_a_pair_that_no_run_has_worked_on_is_not_ill(bound: Lab, tmp_path: Path) -> None:
    """The first lines are the verdict and the next step, as in `status`."""
    text, _ = page(bound, tmp_path)

    assert 'class="verdict new"><strong>Not in step yet:</strong> no run has been made' in text
    assert f"<code>{BEGIN}</code>" in text


def test_the_title_names_both_workspaces(bound: Lab, tmp_path: Path) -> None:
    """Whoever has several pages open can tell them apart."""
    text, _ = page(bound, tmp_path)

    assert re.search(r"<title>(\w+: )?Dashly 48213 and Intercom \w+ \S connector report</title>", text)


def test_one_day_is_told_as_one(bound: Lab, tmp_path: Path) -> None:
    """Nothing is the busiest of one."""
    bound.sync()

    text, _ = page(bound, tmp_path)

    assert "The one day shown used" in text
    assert "1 day used" not in text


def test_a_type_is_told_in_words(bound: Lab, tmp_path: Path) -> None:
    """What a helpdesk calls a part says little to whoever reads the page."""
    bound.world.dashly.customer_starts(bound.world.dashly.customer("Eva"), "hello")
    bound.sync()

    _, read = page(bound, tmp_path)

    assert "".join(read.texts).index("messagereply_user") > 0
