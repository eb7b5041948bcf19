"""Conversations that hold the same part are worked on one after the other.

Agents merged two conversations before either was seen: each holds the part as new, and two threads would
both carry it.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mappings.model import Ref

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from connector.engine.plan.snapshot import Snapshot


@dataclass(frozen=True)
class SharedParts:
    """What the threads of a run are working on."""

    _changed: threading.Condition = field(default_factory=threading.Condition)
    _held: set[Ref] = field(default_factory=set)

    @contextmanager
    def held(self, refs: Iterable[Ref]) -> Generator[bool]:
        """Hold parts, once no other thread holds any of them; yields whether that had to be waited for."""
        wanted = set(refs)
        with self._changed:
            waits = not wanted.isdisjoint(self._held)
            # All at once: a thread that held some and waited for others could wait for ever.
            self._changed.wait_for(lambda: wanted.isdisjoint(self._held))
            self._held.update(wanted)
        try:
            yield waits
        finally:
            with self._changed:
                self._held.difference_update(wanted)
                self._changed.notify_all()


def shared_refs(snapshot: Snapshot) -> set[Ref]:
    """Return what another conversation may hold as well: new parts, and where a side says they came from."""
    found: set[Ref] = set()
    for side, view in snapshot.views.items():
        new = {Ref(side, part.id) for part in snapshot.new_parts(side) if not part.opening}
        # Under new ids the parts are told by the conversation alone.
        found |= new | {Ref(side, f"conversation:{id_}") for id_ in (view.id, *view.linked) if new}
    return found
