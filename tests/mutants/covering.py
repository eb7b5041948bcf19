"""Which tests pass through which line, from one run of the tests under coverage."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from coverage import CoverageData

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SETTINGS = """
[run]
source = connector, mappings, state
data_file = {data}
"""
PYTEST = (
    *("-m", "pytest", "-q", "-n0", "-p", "no:randomly", "-p", "no:cacheprovider"),
    *("-m", "not long and not sweep"),
)
"""The tests of `make test`, one after the other."""
MEASURED = ("-p", "tests.mutants.contexts", "--durations=0", "--durations-min=0.01")
AT_IMPORT = ""
"""The context of what runs before the first test."""
DURATION = re.compile(r"^([\d.]+)s (?:call|setup) +(\S+?)(?:\[.*)?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Tests:
    """The tests through each line, by file; and how many seconds each takes, its setup with it."""

    lines: Mapping[tuple[str, int], frozenset[str]]
    seconds: Mapping[str, float]

    def through(self, path: str, line: int) -> list[str]:
        """Return the tests through a line, as pytest names them: its module's own, then the quickest."""
        own = f"/test_{Path(path).stem}.py::"
        found = self.lines.get((path, line), frozenset())
        if found == {AT_IMPORT}:
            found = frozenset().union(*(tests for (file, _), tests in self.lines.items() if file == path))
        return sorted(
            found - {AT_IMPORT}, key=lambda test: (own not in test, self.seconds.get(test, 0.0), test)
        )

    def took(self, tests: Iterable[str]) -> float:
        """Return how many seconds tests take."""
        return sum(self.seconds.get(test, 0.0) for test in tests)


def covered(root: Path, tests: Sequence[str]) -> Tests:
    """Run tests of a tree under coverage. RuntimeError when they fail: no mutant could be judged."""
    settings, data = root / ".mutants.ini", root / ".mutants.coverage"
    settings.write_text(SETTINGS.format(data=data), "utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "coverage", "run", f"--rcfile={settings}", *PYTEST, *MEASURED, *tests],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        raise RuntimeError(f"the tests fail without any mutant:\n{run.stdout[-3000:]}")
    seconds: defaultdict[str, float] = defaultdict(float)
    for took, test in DURATION.findall(run.stdout):
        seconds[test] += float(took)
    return Tests(_lines(root, data), seconds)


def _lines(root: Path, data: Path) -> Mapping[tuple[str, int], frozenset[str]]:
    found: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
    known = CoverageData(str(data))
    known.read()
    for file in known.measured_files():
        path = os.path.relpath(file, root)
        for line, tests in known.contexts_by_lineno(file).items():
            found[path, line].update(tests)
    return {place: frozenset(names) for place, names in found.items()}
