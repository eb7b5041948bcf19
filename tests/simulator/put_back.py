"""`python -m tests.simulator.put_back NAME|all`: whether a fault that the connector once had would be found.

Each fault is put back and searched for by fresh seeds of the simulator, or by the tests that it names. With
the plugin (`-p tests.simulator.put_back`) PUT_BACK=NAME puts one back under pytest.
"""

from __future__ import annotations

import argparse
import gc
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from tests.simulator.broken import FAULTS, Fault
from tests.simulator.play import failure_of
from tests.simulator.script import DAY

if TYPE_CHECKING:
    import pytest

DAYS, TALKS = 1, 8
"""Short and dense: what is wrong shows sooner than in a week of fifty conversations."""
VARIABLE = "PUT_BACK"


@dataclass(frozen=True)
class Found:
    """By which seed a fault was found, what was told, and after how many seconds of one core."""

    seed: int
    told: str
    days: float
    seconds: float


def search(fault: Fault, seeds: range | count[int], seconds: float) -> Found | None:
    """Play seeds with a fault until one breaks a promise; None when none did in time."""
    began, days = time.process_time(), 0.0
    for seed in seeds:
        script = fault.script(seed, DAYS, TALKS)
        with fault.put_back():
            failure = failure_of(script)
        took = time.process_time() - began
        days += DAYS if failure is None else failure.at / DAY
        if failure is not None:
            anyway = failure_of(script)
            if anyway is None:
                return Found(seed, failure.told, days, took)
            print(f"seed {seed} fails without it: {anyway.told[:300]}", file=sys.stderr)  # noqa: T201 - its output
        if took > seconds:
            return None
    return None


def search_by_tests(name: str, fault: Fault, seed: int) -> Found | None:
    """Run the tests that a fault names with that fault; None when all pass."""
    words = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "tests.simulator.put_back"]
    words += ["-m", "sweep or not sweep"]
    words += ["--hypothesis-profile=sweep", f"--hypothesis-seed={seed}", "-p", "no:randomly", *fault.tests]
    began = time.monotonic()
    ran = subprocess.run(
        words, env={**os.environ, VARIABLE: name}, capture_output=True, text=True, check=False
    )
    if ran.returncode == 0:
        return None
    told = [line for line in ran.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return Found(seed, " ".join(told) or ran.stdout[-300:], 0.0, time.monotonic() - began)


def pytest_configure(config: pytest.Config) -> None:
    """Put back the fault that the environment names, until the tests are over."""
    if name := os.environ.get(VARIABLE):
        stack = ExitStack()
        stack.enter_context(FAULTS[name].put_back())
        config.add_cleanup(stack.close)


def main(words: list[str]) -> int:
    """Search for one fault or all, and return how many were not found, at most 1."""
    chosen = _chosen(words)
    gc.set_threshold(50_000)  # a world is thrown away whole
    missed = 0
    for name in FAULTS if chosen.name == "all" else [chosen.name]:
        fault = FAULTS[name]
        if fault.tests:
            found = search_by_tests(name, fault, chosen.seed)
        else:
            found = search(fault, count(chosen.seed), chosen.minutes * 60)
        missed += found is None
        print(_line(name, fault, found), flush=True)  # noqa: T201 - its output
    return int(missed > 0)


def _chosen(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=["all", *FAULTS])
    parser.add_argument("--minutes", type=float, default=5.0, help="of one core, for each fault")
    parser.add_argument("--seed", type=int, default=1, help="the first one")
    return parser.parse_args(words)


def _line(name: str, fault: Fault, found: Found | None) -> str:
    if found is None:
        return f"{fault.kind} {name}: not found"
    by = "tests" if fault.tests else f"{found.days:.1f} days"
    told = " ".join(found.told.split())[:100]
    return f"{fault.kind} {name}: seed {found.seed}, {by}, {found.seconds:.0f} s: {told}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
