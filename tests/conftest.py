"""Time that tests move, Hypothesis profiles, and the sweeps that run only when asked for."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

from tests.clock import VirtualClock

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


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave sweeps out unless ``-m sweep`` asks for them; then properties are swept too."""
    wanted = "sweep" in config.option.markexpr
    for item in items:
        if wanted and getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker(pytest.mark.sweep)
    if wanted:
        return
    left_out = [item for item in items if item.get_closest_marker("sweep")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
