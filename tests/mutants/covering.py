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
    from collections.abc import Mapping, Sequence

SETTINGS = """
[run]
source = connector, mappings, state
dynamic_context = test_function
data_file = {data}
"""
PYTEST = (
    *("-q", "-n0", "-p", "no:randomly", "-p", "no:cacheprovider", "-m", "not long and not sweep"),
    *("--durations=0", "--durations-min=0.01"),
)
DURATION = re.compile(r"^([\d.]+)s (?:call|setup) +(\S+?)(?:\[.*)?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Tests:
    """The tests through each line, by file; and how many seconds each takes, its setup with it."""

    lines: Mapping[tuple[str, int], frozenset[str]]
    seconds: Mapping[str, float]

    def through(self, path: str, line: int) -> list[str]:
        """Return the tests through a line, as pytest names them: its module's own, then the quickest."""
        own = f"/test_{Path(path).stem}.py::"
        return sorted(
            self.lines.get((path, line), ()),
            key=lambda test: (own not in test, self.seconds.get(test, 0.0), test),
        )


def covered(root: Path, tests: Sequence[str]) -> Tests:
    """Run tests of a tree under coverage. RuntimeError when they fail: no mutant could be judged."""
    settings, data = root / ".mutants.ini", root / ".mutants.coverage"
    settings.write_text(SETTINGS.format(data=data), "utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "coverage", "run", f"--rcfile={settings}", "-m", "pytest", *PYTEST, *tests],
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
        for line, contexts in known.contexts_by_lineno(file).items():
            found[path, line].update(name for context in contexts if (name := _test(root, context)))
    return {place: frozenset(names) for place, names in found.items()}


def _test(root: Path, context: str) -> str:
    """Return a context of coverage, as in ``tests.state.test_pairs.test_it``, as pytest names the test."""
    module, _, function = context.rpartition(".")
    path = f"{module.replace('.', '/')}.py"
    return f"{path}::{function}" if (root / path).is_file() else ""
