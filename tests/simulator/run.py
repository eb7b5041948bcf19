"""`make simulate`: fresh seeds for some minutes, or one seed; a seed that fails is shrunk to a script."""

from __future__ import annotations

import argparse
import gc
import random
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.simulator.play import failure_of
from tests.simulator.shrink import shrink
from tests.simulator.weather import draw

if TYPE_CHECKING:
    from tests.simulator.script import Script

DAYS = 7
SHRINKING = 120.0
"""Seconds of work after which a script is short enough."""
HEADER = '''"""{broken}"""

from tests.simulator.play import play
from tests.simulator.script import Act, Script, Setting

{source}

def test_it() -> None:
    """{broken}"""
    play(SCRIPT)
'''


def main(words: list[str]) -> int:
    """Simulate until the time is over and return how many seeds failed, at most 1."""
    chosen = _chosen(words)
    gc.set_threshold(50_000)  # a world is thrown away whole
    began, days = time.monotonic(), 0
    worked = time.process_time()
    failed: list[int] = []
    while not days or (chosen.seed is None and time.monotonic() - began < chosen.minutes * 60):
        seed = random.SystemRandom().randrange(10**6) if chosen.seed is None else chosen.seed
        broken = _one(draw(seed, chosen.days, restores=not chosen.no_restores), chosen.scripts)
        failed += [] if broken is None else [seed]
        days += chosen.days
        pace = days / (time.process_time() - worked) * 3600
        print(f"seed {seed}: {broken or 'holds'} ({days} days, {pace:.0f} an hour of one core)", flush=True)  # noqa: T201 - its output
    print(f"{days} simulated days; seeds that failed: {failed}")  # noqa: T201 - its output
    return int(bool(failed))


def _chosen(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--no-restores", action="store_true", help="nobody puts an older state back")
    parser.add_argument("--scripts", type=Path, default=None, help="where shrunk scripts are written")
    return parser.parse_args(words)


def _one(script: Script, scripts: Path | None) -> str | None:
    failure = failure_of(script)
    if failure is None:
        return None
    broken = failure.told
    if scripts is not None:
        print(f"seed {script.seed}: {broken}", flush=True)  # noqa: T201 - its output
        until = time.process_time() + SHRINKING
        small = shrink(script, failure, enough=lambda: time.process_time() > until)
        scripts.mkdir(parents=True, exist_ok=True)
        told = " ".join(broken.split())[:80].replace('"', "'")
        target = scripts / f"test_seed_{script.seed}.py"
        target.write_text(HEADER.format(broken=told, source=small.as_source()))
        print("\n".join(act.line() for act in small.acts))  # noqa: T201 - its output
        print(f"written to {target}")  # noqa: T201 - its output
    return broken


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
