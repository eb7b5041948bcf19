"""Delta debugging: the fewest acts after which the same kind of promise is still broken."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tests.simulator.play import Failure, failure_of
from tests.simulator.script import Script

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tests.simulator.script import Act, Setting


def kind_of(broken: str) -> str:
    """Return what a failure is about, without the words and ids that are in it."""
    return re.sub(r"\W+|w?\d+w?", " ", broken).strip()[:30]


def shrink(script: Script, failure: Failure, *, enough: Callable[[], bool] = lambda: False) -> Script:
    """Return a script with as few acts as could be found; it stops early when it is ``enough``."""
    return Shrinking(script, failure, enough).smallest()


@dataclass
class Shrinking:
    """The smallest script so far that breaks the same kind of promise."""

    script: Script
    failure: Failure
    enough: Callable[[], bool]

    def smallest(self) -> Script:
        """Return it, after the acts went that came later, of other people, and one by one."""
        if later := sum(act.at > self.failure.at for act in self.script.acts):
            self._still(self.script.acts[:-later])
        self._fewer_talks()
        self._fewer_days()
        size = len(self.script.acts) // 2
        while size and not self.enough():
            if not self._without_chunks(size) or size > len(self.script.acts) // 2:
                size //= 2
        self._plain_setting()
        return self.script

    def _still(self, acts: Sequence[Act], setting: Setting | None = None) -> bool:
        """Play other acts; keep them where they break the same."""
        tried = Script(self.script.seed, setting or self.script.setting, tuple(acts))
        found = failure_of(tried)
        if found is None or kind_of(found.told) != kind_of(self.failure.told):
            return False
        self.script, self.failure = tried, found
        return True

    def _fewer_talks(self) -> None:
        """Keep the conversations that the failure names, or else leave out half of them, then a quarter."""
        if self.failure.talks and self._still(self._acts_of(self.failure.talks)):
            return
        talks = sorted({act.given["talk"] for act in self.script.acts if "talk" in act.given})
        size = len(talks) // 2
        while size and not self.enough():
            start = 0
            while start < len(talks) and not self.enough():
                kept = talks[:start] + talks[start + size :]
                if self._still(self._acts_of(kept)):
                    talks = kept
                else:
                    start += size
            size //= 2

    def _acts_of(self, talks: Iterable[int]) -> list[Act]:
        kept = {-1, *talks}
        return [act for act in self.script.acts if act.given.get("talk", -1) in kept]

    def _fewer_days(self) -> None:
        """Let what happens on several days happen on the first, when that breaks as well."""
        self._still([replace(act, at=act.at / self.script.days) for act in self.script.acts])

    def _without_chunks(self, size: int) -> bool:
        fewer, start = False, 0
        while start < len(self.script.acts) and not self.enough():
            acts = self.script.acts
            if self._still(acts[:start] + acts[start + size :]):
                fewer = True
            else:
                start += size
        return fewer

    def _plain_setting(self) -> None:
        """Leave every switch as documented that does not matter."""
        for name in self.script.setting.dashly:
            kept = {key: value for key, value in self.script.setting.dashly.items() if key != name}
            self._plainer(replace(self.script.setting, dashly=kept))
        for name in self.script.setting.intercom:
            kept = {key: value for key, value in self.script.setting.intercom.items() if key != name}
            self._plainer(replace(self.script.setting, intercom=kept))

    def _plainer(self, setting: Setting) -> None:
        if not self.enough():
            self._still(self.script.acts, setting)
