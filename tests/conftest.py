"""Time that tests move, Hypothesis profiles, and the sweeps that run only when asked for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from state import store as states
from tests.clock import VirtualClock
from tests.keys import KEY
from tests.postgres import Server, server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from state.access.place import Schema

ROOT = Path(__file__).parent

settings.register_profile("dev", deadline=None)
settings.register_profile("quick", deadline=None, max_examples=15)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.register_profile(
    "sweep", deadline=None, max_examples=2_000, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


@pytest.fixture
def clock() -> VirtualClock:
    """Time that stands still unless somebody sleeps."""
    return VirtualClock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server, one for all tests of a process; without its programs they are skipped."""
    with server() as running:
        yield running


@pytest.fixture(scope="session")
def schema(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Schema:
    """A schema with the tables of a pair, which tests empty and use one after the other."""
    place = postgres.place(tmp_path_factory.mktemp("postgres"))
    states.create(place, key=KEY).close()
    return place


WHOLE_CONNECTORS = ("cli", "contract", "doctor", "faults", "sandbox", "security")
"""Folders whose tests play whole days, many times over: each costs a hundred tests of a function."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave sweeps out unless ``-m sweep`` asks for them; then properties are swept too.

    Where tests play whole days, the parameters after the first are for ``make long``.
    """
    wanted = "sweep" in config.option.markexpr
    for item in items:
        if _is_a_repetition(item):
            item.add_marker(pytest.mark.long)
        if wanted and getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker(pytest.mark.sweep)
    if wanted:
        return
    left_out = [item for item in items if item.get_closest_marker("sweep")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def _is_a_repetition(item: pytest.Item) -> bool:
    """Tell whether a test plays a day, or searches, as another does with other parameters."""
    if not isinstance(item, pytest.Function) or not _is_after_the_first(item):
        return False
    searches = getattr(item.obj, "is_hypothesis_test", False)
    return searches or item.path.relative_to(ROOT).parts[0] in WHOLE_CONNECTORS


def _is_after_the_first(item: pytest.Function) -> bool:
    called = getattr(item, "callspec", None)
    return called is not None and any(called.indices.values())
