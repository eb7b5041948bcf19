"""Where bars and lines stand: inside the frame, on each other, and broken where nothing is known."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.app.reporting import plots
from connector.app.reporting.daily import Series

FIRST = date(2026, 3, 1)


def some_days(count: int) -> list[date]:
    """Return days in a row."""
    return [FIRST + timedelta(days=number) for number in range(count)]


def test_bars_stand_on_each_other() -> None:
    """Each begins where the one below ends, and nothing is drawn of nothing."""
    plot = plots.bars("t", "p", some_days(2), [Series("a", (3, 0)), Series("b", (1, 4))])

    lower, upper = plot.shapes
    assert len(lower.bars) == 1
    assert upper.bars[0].y + upper.bars[0].height == pytest.approx(lower.bars[0].y)
    assert plot.rows == (("2026-03-02", "0", "4"), ("2026-03-01", "3", "1"))


def test_a_day_that_is_not_known_breaks_the_line() -> None:
    """A line across it would tell what nobody knows."""
    (shape,) = plots.lines("t", "p", some_days(4), [Series("a", (60, None, 120, 30))]).shapes

    assert [len(line.split()) for line in shape.lines] == [1, 2]
    assert len(shape.dots) == 3


def test_the_newest_day_ends_at_the_right() -> None:
    """A phone shows the right end of a plot first; the first days of a pair are there."""
    (shape,) = plots.bars("t", "p", some_days(2), [Series("a", (3, 1))]).shapes

    assert shape.bars[-1].x + shape.bars[-1].width > plots.WIDTH - plots.RIGHT - 50


@pytest.mark.parametrize(
    ("most", "grid"), [(3, "0 1 2 3 4"), (10, "0 5 10 15 20"), (1440, "0 500 1,000 1,500 2,000")]
)
def test_the_grid_of_counts_is_of_whole_numbers(most: float, grid: str) -> None:
    """Nobody counts half a request."""
    plot = plots.bars("t", "p", some_days(1), [Series("a", (most,))])

    assert " ".join(mark.text for mark in plot.grid) == grid


@pytest.mark.parametrize(
    ("most", "words"), [(3, "1 second"), (70, "30 seconds"), (1000, "5 minutes"), (9e5, "3 days")]
)
def test_the_grid_of_times_is_of_whole_units(most: float, words: str) -> None:
    """A quarter of the height is a number that people count in."""
    plot = plots.lines("t", "p", some_days(1), [Series("a", (most,))])

    assert plot.grid[1].text == words
    assert plot.grid[0].text == "0 seconds"


def test_nothing_is_empty() -> None:
    """No day, and days without a figure, are told in words."""
    assert plots.bars("t", "p", [], [Series("a", ())]).empty
    assert plots.lines("t", "p", some_days(2), [Series("a", (None, None))]).empty


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e12)), min_size=1, max_size=400))
def test_everything_stays_inside_the_frame(values: list[float | None]) -> None:
    """Whatever the figures are, and for a year of days."""
    days, series = some_days(len(values)), [Series("a", tuple(values)), Series("b", tuple(values))]

    for plot in (plots.bars("t", "p", days, series), plots.lines("t", "p", days, series)):
        for shape in plot.shapes:
            for bar in shape.bars:
                assert plots.LEFT <= bar.x <= bar.x + bar.width <= plots.WIDTH - plots.RIGHT + 0.6
                assert plots.TOP - 0.01 <= bar.y <= plots.HEIGHT
            for x, y in shape.dots:
                assert plots.LEFT <= x <= plots.WIDTH - plots.RIGHT
                assert plots.TOP - 0.01 <= y <= plots.HEIGHT - plots.BOTTOM + 0.01
        assert len(plot.columns) == len(values)
