"""A stage per test: both emulators in this process, with every exchange judged."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from connector.sandbox import World
from tests.contract.kit.stage import Stage, configuration, staged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory, where the system has one: a state file syncs to disk at every step."""
    memory = Path("/dev/shm")  # noqa: S108 - only to be fast
    parent = memory if os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="contract-", dir=parent) as name:
        yield Path(name)


@pytest.fixture
def stage(folder: Path) -> Iterator[Callable[..., Stage]]:
    """Return a function that opens a stage in a version of Intercom's API."""
    with ExitStack() as stack:

        def run(version: str = "2.16", world: World | None = None, **sections: dict[str, Any]) -> Stage:
            config = configuration(version, **sections)
            return stack.enter_context(staged(folder, world or World(dashly_limit=5_000), config))

        yield run
