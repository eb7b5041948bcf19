"""The page in a browser: it fits a phone, a tablet and a wide screen, day and night, and goes on paper."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from connector.app.reporting.writing import write_report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.faults.lab import Lab

CHROMIUM = shutil.which("chromium")
WIDTHS = (390, 820, 1400)
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--virtual-time-budget=8000",
)
LOOK = """<!doctype html><title>-</title><body><script>
const found = {}, widths = %s;
let left = widths.length;
for (const width of widths) {
  const frame = document.createElement("iframe");
  frame.width = width; frame.height = 3000; frame.src = "report.html";
  frame.onload = () => {
    const page = frame.contentDocument, view = frame.contentWindow, root = page.documentElement;
    const svg = page.querySelector("svg"), day = page.querySelector(".days rect");
    found[width] = {
      wide: root.scrollWidth, loaded: view.performance.getEntriesByType("resource").length,
      ground: view.getComputedStyle(page.body).backgroundColor, scripts: page.scripts.length,
      label: svg ? svg.querySelector(".grid text").getBoundingClientRect().height : 0,
      room: svg ? Math.min(...[...svg.querySelectorAll("text")].map(t => Math.min(
        t.getBoundingClientRect().left - svg.getBoundingClientRect().left,
        svg.getBoundingClientRect().right - t.getBoundingClientRect().right))) : 0,
      newest: svg ? [...svg.querySelectorAll(".days rect")].pop().getBoundingClientRect().right : 0,
      told: day ? view.getComputedStyle(day.parentNode.querySelector("text")).visibility : "hidden",
    };
    if (!--left) { const told = document.createElement("pre"); told.textContent = JSON.stringify(found);
      document.body.replaceChildren(told); }
  };
  document.body.append(frame);
}
</script>"""

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
]


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on loopback."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def chromium(folder: Path, *arguments: str) -> str:
    """Run the browser once and return what it prints."""
    command = [str(CHROMIUM), *OPTIONS, f"--user-data-dir={folder / 'profile'}", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return ended.stdout


def looked_at(lab: Lab, folder: Path, *options: str) -> dict[str, dict[str, Any]]:
    """Return how the page looks at each width."""
    write_report(lab.config, lab.environment, folder / "report.html")
    (folder / "look.html").write_text(LOOK % json.dumps(WIDTHS))
    with served(folder) as address:
        shown = chromium(folder, *options, "--dump-dom", f"{address}/look.html")
    told = re.search(r"<pre>(.*)</pre>", shown)
    assert told is not None, shown[-500:]
    found: dict[str, dict[str, Any]] = json.loads(told[1])
    return found


@pytest.mark.parametrize("year", [False, True])
def test_the_page_fits_each_width(aged: Callable[[], Lab], bound: Lab, tmp_path: Path, *, year: bool) -> None:
    """Nothing but tables and plots scrolls sideways; labels are whole and large; nothing is loaded.

    Of a plot that is wider than the screen the newest days are seen first.
    """
    for width, shown in looked_at(aged() if year else bound, tmp_path).items():
        assert shown["wide"] <= int(width)
        assert (shown["loaded"], shown["scripts"], shown["told"]) == (0, 0, "hidden")
        assert shown["label"] >= 9 if year else shown["label"] == 0
        assert shown["room"] >= 0
        assert shown["newest"] <= int(width)


def test_the_page_is_dark_at_night(aged: Callable[[], Lab], tmp_path: Path) -> None:
    """By what the browser prefers."""
    lab = aged()
    day = looked_at(lab, tmp_path, "--blink-settings=preferredColorScheme=1")
    night = looked_at(lab, tmp_path, "--blink-settings=preferredColorScheme=0")

    assert {one["ground"] for one in day.values()} == {"rgb(255, 255, 255)"}
    assert {one["ground"] for one in night.values()} == {"rgb(21, 24, 28)"}


def test_the_page_goes_on_paper(aged: Callable[[], Lab], tmp_path: Path) -> None:
    """It prints to a document of some dozen pages at most, long tables included."""
    lab = aged()
    write_report(lab.config, lab.environment, tmp_path / "report.html")

    chromium(tmp_path, f"--print-to-pdf={tmp_path / 'report.pdf'}", f"file://{tmp_path / 'report.html'}")

    made = (tmp_path / "report.pdf").read_bytes()
    assert made.startswith(b"%PDF-")
    assert 2 <= len(re.findall(rb"/Type\s*/Page\b", made)) <= 80
