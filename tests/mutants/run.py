"""How strong the tests are: `make mutants` changes single points of the product and counts what is noticed.

Each is tried against the tests of `make test` through its line, the quickest first, in a copy of the tree.
"""

from __future__ import annotations

import argparse
import os
import random
import secrets
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from pathlib import Path

from tests.mutants.covering import PYTEST, Tests, covered
from tests.mutants.points import Mutant, mutants

ROOT = Path(__file__).parents[2]
ROOMS = ("connector/engine", "connector/dashly", "connector/intercom", "connector/http", "mappings", "state")
EQUIVALENT = Path(__file__).with_name("equivalent.txt")
FIRST = 40  # tests: most mutants fall to one of them
MOST_SECONDS = 240.0  # of tests for one mutant


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    HUNG = "killed, it hung"
    SURVIVED = "survived"
    UNTESTED = "survived, no test passes here"
    EQUIVALENT = "equivalent"


@dataclass(frozen=True, slots=True)
class Place:
    """A mutant and its file."""

    path: str
    mutant: Mutant

    def __str__(self) -> str:
        return f"{self.path} {self.mutant}"


def sample(count: int, seed: int) -> list[Place]:
    """Return mutants chosen at random from all of the product's rooms named above."""
    files = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    places = [
        Place(str(path.relative_to(ROOT)), one) for path in files for one in mutants(path.read_text("utf-8"))
    ]
    chosen = random.Random(seed)  # noqa: S311 - a sample, no secret
    return chosen.sample(places, min(count, len(places)))


def fate(place: Place, copy: Path, tests: Tests) -> Fate:
    """Try one mutant in the copy of the tree, which is put back afterwards."""
    if str(place) in known_equivalents():
        return Fate.EQUIVALENT
    names = tests.through(place.path, place.mutant.line)
    if not names:
        return Fate.UNTESTED
    file = copy / place.path
    source = file.read_text("utf-8")
    file.write_text(place.mutant.applied_to(source), "utf-8")
    try:
        found = _tried(names[:FIRST], copy, tests)
        return _tried(_affordable(names[FIRST:], tests), copy, tests) if found is Fate.SURVIVED else found
    finally:
        file.write_text(source, "utf-8")


def _affordable(names: list[str], tests: Tests) -> list[str]:
    """Return the tests that fit into the time for one mutant."""
    passed = accumulate(tests.took([name]) for name in names)
    return [name for name, seconds in zip(names, passed, strict=True) if seconds <= MOST_SECONDS]


def _tried(names: list[str], copy: Path, tests: Tests) -> Fate:
    if not names:
        return Fate.SURVIVED
    try:
        code = subprocess.run(
            [sys.executable, *PYTEST, "-x", *names],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"},
            timeout=60 + 4 * tests.took(names),  # an endless loop is noticed, too
            capture_output=True,
            check=False,
        ).returncode
    except subprocess.TimeoutExpired:
        return Fate.HUNG
    return Fate.KILLED if code else Fate.SURVIVED


def known_equivalents() -> set[str]:
    """Return the mutants that nobody can tell from the product; each is there with its reason."""
    lines = EQUIVALENT.read_text("utf-8").splitlines()
    return {line.rpartition(" # ")[0] for line in lines if not line.startswith("#")}


def main() -> int:
    """Print the fate of each mutant as it is known, and the share that was killed."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--count", type=int, default=200)
    asked.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    asked.add_argument(
        "--tests", nargs="*", default=["tests"], help="the tests that are asked, as pytest's paths"
    )
    given = asked.parse_args()
    fates: list[Fate] = []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", ".*_cache", "__pycache__"))
        tests = covered(copy, given.tests)
        for place in sample(given.count, given.seed):
            fates.append(fate(place, copy, tests))
            if fates[-1] not in (Fate.KILLED, Fate.EQUIVALENT):
                _say(f"{fates[-1]}: {place.path}:{place.mutant.line} {place.mutant}")
    return _told(fates, given.seed)


def _told(fates: list[Fate], seed: int) -> int:
    killed = sum(one in (Fate.KILLED, Fate.HUNG) for one in fates)
    counted = sum(one is not Fate.EQUIVALENT for one in fates)
    _say(f"{killed} of {counted} mutants were killed; the seed was {seed}")
    return 0 if killed >= 0.9 * counted else 1


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
