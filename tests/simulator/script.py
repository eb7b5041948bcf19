"""A script: what happens to two helpdesks and a connector, act by act, for a person to read and replay."""

from __future__ import annotations

import pprint
from dataclasses import dataclass, field
from typing import Any

DAY = 86_400.0


@dataclass(frozen=True)
class Act:
    """One thing that somebody or something does, some seconds after the beginning."""

    at: float
    name: str
    given: dict[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        """Return the act as one line of a script."""
        day, rest = divmod(self.at, DAY)
        given = ", ".join(f"{name}={value!r}" for name, value in self.given.items())
        return f"day {int(day)} {rest / 3600:5.2f} h  {self.name}({given})"


@dataclass(frozen=True)
class Setting:
    """How both helpdesks answer what their documentation leaves open, and which version is spoken."""

    version: str = "2.16"
    dashly: dict[str, Any] = field(default_factory=dict)
    intercom: dict[str, Any] = field(default_factory=dict)
    sweep: int = 5
    limit: int = 60
    """How many requests a minute Dashly allows."""
    longest: int | None = None
    """How long a text may be on both sides, as a run once learnt it."""


@dataclass(frozen=True)
class Script:
    """Everything that a simulation does, in the order of time."""

    seed: int
    setting: Setting
    acts: tuple[Act, ...]

    @property
    def days(self) -> int:
        """Return how many days it lasts."""
        return int(max((act.at for act in self.acts), default=0.0) // DAY) + 1

    def as_source(self) -> str:
        """Return the script as Python that `play` runs: what a failing seed is shrunk to."""
        setting = pprint.pformat(self.setting, width=100)
        acts = "\n".join(f"    {act!r}," for act in self.acts)
        return f"SCRIPT = Script(\n  {self.seed},\n  {setting},\n  (\n{acts}\n  ),\n)\n"
