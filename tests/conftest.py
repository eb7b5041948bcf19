import pytest


class ManualClock:
    """A clock that only sleeping and tests move."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0
        self.sleeps: list[float] = []
        self.stopped = False

    def now(self) -> float:
        """Return the time."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.sleeps.append(seconds)
        self.time += seconds


@pytest.fixture
def clock() -> ManualClock:
    """Time that stands still unless somebody sleeps."""
    return ManualClock()
