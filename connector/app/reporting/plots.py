"""Plots as places of bars and lines, for a template to draw as SVG. Pure.

A plot is as wide as a year of days: fewer days are wider columns.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from connector.host.amounts import age

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

    from connector.app.reporting.daily import Series

NOTHING = "\N{EN DASH}"
_NOTHING = frozenset({"0", NOTHING})
WIDTH, HEIGHT = 960.0, 220.0
# The numbers stand at the right: where a plot is wider than the screen, its newest days are seen first.
LEFT, RIGHT, TOP, BOTTOM = 24.0, 84.0, 10.0, 24.0
_PLOT_WIDTH = WIDTH - LEFT - RIGHT
_PLOT_HEIGHT = HEIGHT - TOP - BOTTOM
_TICKS = 4
_FEWEST_COLUMNS = 14  # so that three days are not three huge bars
_MOST_MARKS = 8
# What a quarter of the height may stand for, where seconds are counted.
_STEPS_OF_TIME = tuple(
    unit * number
    for unit, numbers in ((1.0, (1, 5, 15, 30)), (60.0, (1, 2, 5, 15, 30)), (3600.0, (1, 3, 6, 12)))
    for number in numbers
)
_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Shape:
    """All that is drawn of one series, numbered as in the legend: bars, or points of lines."""

    number: int
    name: str
    bars: tuple[Box, ...] = ()
    lines: tuple[str, ...] = ()
    dots: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A line of the grid or a date on the axis, with its words."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Column:
    """One day: where it is pointed at, and what is told of it then."""

    box: Box
    day: str
    told: str


@dataclass(frozen=True, slots=True)
class Plot:
    """A title, a remark, the shapes, the axes, the days, and the table that says the same in numbers.

    ``palette`` names the colours by which the series are told apart.
    """

    title: str
    palette: str
    remark: str
    shapes: tuple[Shape, ...]
    grid: tuple[Mark, ...] = ()
    dates: tuple[Mark, ...] = ()
    columns: tuple[Column, ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def numbers(self) -> range:
        """Return which columns of the table hold numbers."""
        return range(1, len(self.head))

    @property
    def empty(self) -> bool:
        """Tell whether there is nothing to draw."""
        return not any(shape.bars or shape.dots for shape in self.shapes)


def number(value: float) -> str:
    """Return a count as people read it."""
    return f"{value:,.0f}"


def bars(title: str, palette: str, days: Sequence[date], series: Sequence[Series], remark: str = "") -> Plot:
    """Return a plot of counts, stacked on each day."""
    tops = [sum(one.values[i] or 0 for one in series) for i in range(len(days))]
    scale = _scale(max(tops, default=0))
    shapes = tuple(_stacked(days, series, scale))
    return _framed(Plot(title, palette, remark, shapes), days, series, scale, number)


def lines(title: str, palette: str, days: Sequence[date], series: Sequence[Series], remark: str = "") -> Plot:
    """Return a plot of durations, one line for each series; a day without a figure breaks it."""
    known = [value for one in series for value in one.values if value is not None]
    scale = _time_scale(max(known, default=0))
    shapes = tuple(_line(place, one, days, scale) for place, one in enumerate(series))
    return _framed(Plot(title, palette, remark, shapes), days, series, scale, age)


def _framed(
    plot: Plot,
    days: Sequence[date],
    series: Sequence[Series],
    scale: float,
    told: Callable[[float], str],
) -> Plot:
    """Return a plot with its axes, its days and its table."""
    wide = _wide(days)
    rows = tuple(
        (day.isoformat(), *(NOTHING if (v := one.values[i]) is None else told(v) for one in series))
        for i, day in enumerate(days)
    )
    names = tuple(one.name for one in series)
    columns = tuple(
        Column(
            Box(_left(days) + i * wide, TOP, wide, _PLOT_HEIGHT),
            row[0],
            _said(dict(zip(names, row[1:], strict=True))),
        )
        for i, row in enumerate(rows)
    )
    grid = tuple(
        Mark(_y(scale * step / _TICKS, scale), told(scale * step / _TICKS)) for step in range(_TICKS + 1)
    )
    newest_first = tuple(row for row in reversed(rows) if set(row[1:]) - _NOTHING)
    return replace(
        plot,
        grid=grid,
        dates=tuple(_dates(days, wide)),
        columns=columns,
        head=("day", *names),
        rows=newest_first,
    )


def _stacked(days: Sequence[date], series: Sequence[Series], scale: float) -> Iterator[Shape]:
    wide = _wide(days)
    below = [0.0] * len(days)
    for place, one in enumerate(series):
        boxes = []
        for i, value in enumerate(one.values):
            if not value:
                continue
            low, below[i] = below[i], below[i] + value
            top = _y(below[i], scale)
            boxes.append(Box(_left(days) + i * wide, top, max(wide * 0.86, 0.5), _y(low, scale) - top))
        yield Shape(place, one.name, bars=tuple(boxes))


def _line(place: int, series: Series, days: Sequence[date], scale: float) -> Shape:
    wide = _wide(days)
    points = [
        None if value is None else (_left(days) + (i + 0.5) * wide, _y(value, scale))
        for i, value in enumerate(series.values)
    ]
    known = tuple(point for point in points if point is not None)
    runs = [list(run) for there, run in groupby(points, lambda point: point is not None) if there]
    drawn = tuple(" ".join(f"{p[0]:.1f},{p[1]:.1f}" for p in run if p) for run in runs)
    return Shape(place, series.name, lines=drawn, dots=known)


def _said(values: Mapping[str, str]) -> str:
    """Return what there was on a day, in one line that a phone has room for."""
    there = [f"{name} {value}" for name, value in values.items() if value not in _NOTHING]
    return " · ".join(there) or "nothing"


def _wide(days: Sequence[date]) -> float:
    return _PLOT_WIDTH / max(len(days), _FEWEST_COLUMNS)


def _left(days: Sequence[date]) -> float:
    """Return where the oldest day begins, so that the newest ends at the right."""
    return WIDTH - RIGHT - _wide(days) * len(days)


def _y(value: float, scale: float) -> float:
    return TOP + _PLOT_HEIGHT * (1 - value / scale)


def _scale(most: float) -> float:
    """Return the next number of which the lines of the grid are whole ones."""
    quarter = max(1.0, most / _TICKS)
    power = 10.0 ** math.floor(math.log10(quarter))
    return _TICKS * next(step * power for step in (1, 2, 5, 10) if step * power >= quarter)


def _time_scale(most: float) -> float:
    """Return the same for seconds: the lines of the grid are whole minutes, hours or days."""
    quarter = next((step for step in _STEPS_OF_TIME if step * _TICKS >= most), None)
    return _TICKS * (quarter or _DAY * math.ceil(most / _DAY / _TICKS))


def _dates(days: Sequence[date], wide: float) -> Iterator[Mark]:
    apart = max(1, math.ceil(len(days) / _MOST_MARKS))
    for i in range(0, len(days), apart):
        yield Mark(_left(days) + (i + 0.5) * wide, f"{days[i]:%d %b}".lstrip("0"))
