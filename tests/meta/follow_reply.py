"""Counts what one agent's reply passes on its way to Intercom: `python -m tests.meta.follow_reply`.

A conversation is in step already; an agent answers on Dashly, and one `sync` carries the answer over.
Counted are the product's own modules and named functions that run, without the emulators and without what
only runs at import. The whole run is everything between the command and its result: locks, clocks, both
polls, the sweep. The path proper begins where the work on this conversation begins, in the thread that does
it, and ends where the request with the reply reaches the wire.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connector.engine.sync.conversation import ConversationWork
from mappings.model import Side
from tests.faults.conversations import begin, bodies
from tests.faults.lab import NORA, PAUSE, make

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType

    from tests.faults.lab import Lab

ROOT = Path(__file__).parents[2]
PRODUCT = tuple(f"{ROOT / package}/" for package in ("connector", "state", "mappings"))
EMULATORS = f"{ROOT / 'connector' / 'sandbox'}/"
WORDS = "It is on its way."


@dataclass
class Passed:
    """The code that ran."""

    codes: set[CodeType] = field(default_factory=set)

    @property
    def modules(self) -> set[str]:
        """Return the modules of which a function ran, by their paths."""
        return {Path(code.co_filename).relative_to(ROOT).as_posix() for code in self.codes}

    @property
    def functions(self) -> set[str]:
        """Return the functions that ran; what the language calls a comprehension is none."""
        return {f"{c.co_filename}:{c.co_firstlineno}" for c in self.codes if not c.co_name.startswith("<")}


@dataclass
class Follower:
    """Notes what runs in all threads, and apart from it what one thread runs between two moments."""

    whole: Passed = field(default_factory=Passed)
    path: Passed = field(default_factory=Passed)
    _thread: int | None = None
    _arrived: bool = False

    def __call__(self, frame: FrameType, kind: str, _argument: Any) -> None:
        """Note a call."""
        code = frame.f_code
        if kind != "call" or code.co_name == "<module>" or not code.co_filename.startswith(PRODUCT):
            return
        if code.co_filename.startswith(EMULATORS):
            return
        if code is ConversationWork.work.__code__ and not self._arrived:
            self._thread = threading.get_ident()
        self.whole.codes.add(code)
        if self._thread == threading.get_ident():
            self.path.codes.add(code)

    def arrive(self) -> None:
        """End the path: the request is at the wire."""
        self._thread, self._arrived = None, True


def follow() -> Follower:
    """Carry one agent's reply over and return what it passed."""
    with tempfile.TemporaryDirectory() as folder:
        lab = make(Path(folder))
        lab.init()
        conversation = begin(lab)
        lab.until_clean(lab.sync)
        lab.world.desk("dashly").agent_writes(conversation, WORDS, agent=NORA)
        lab.time.sleep(PAUSE)
        follower = Follower()
        lab.die = _at_reply(lab, follower.arrive)
        _profiled(follower, lab.sync)
        if WORDS not in bodies(lab, "intercom"):
            raise RuntimeError("the reply was not copied")
    return follower


def _at_reply(lab: Lab, arrive: Callable[[], None]) -> Callable[[int, str, str], bool]:
    """Return what is asked at every point of a run: it lets the process live, and tells of the reply."""

    def at(_number: int, _what: str, _when: str) -> bool:
        side, method, path = lab.requests[-1]
        if side is Side.INTERCOM and method == "POST" and path.endswith("/reply"):
            arrive()
        return False

    return at


def _profiled(follower: Follower, act: Callable[[], object]) -> None:
    threading.setprofile(follower)
    sys.setprofile(follower)
    try:
        act()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


if __name__ == "__main__":
    followed = follow()
    for name, passed in (
        ("the whole run", followed.whole),
        ("conversation to wire", followed.path),
    ):
        counts = f"{len(passed.modules)} modules, {len(passed.functions)} functions"
        sys.stdout.write(f"passed by one reply, {name}: {counts}\n")
    if "--list" in sys.argv:
        sys.stdout.writelines(f"  {module}\n" for module in sorted(followed.path.modules))
