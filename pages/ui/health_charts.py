"""Figures of data health: rows in, plotly figure out. Never asks the warehouse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from pages.ui import format
from pages.ui.charts import figure
from pages.ui.health_strips import SHADES, shade
from pages.ui.theme import palette

if TYPE_CHECKING:
    import plotly.graph_objects as go

_CELL, _ROWS = 13, 8
_LEAST_WEEKS = 26


def calendar(
    days: Sequence[date],
    counts: Sequence[int],
    faults: Mapping[date, str],
    *,
    marks_gaps: bool = True,
) -> go.Figure:
    """Every day of some years as a cell: weeks from left to right, a block of weekdays a year."""
    look = palette()
    years = sorted({day.year for day in days}, reverse=True)
    most = max(counts, default=0)
    height = len(years) * _ROWS - 1
    drawn = figure(height * _CELL + 46, look)
    values: list[list[float | None]] = [[None] * 54 for _ in range(height)]
    told = [[""] * 54 for _ in range(height)]
    for day, count in zip(days, counts, strict=True):
        week, row = _place(day, years)
        empty = 7 if marks_gaps else None
        values[row][week] = empty if not count else 6 if day in faults else shade(count, most)
        note = f", looks like {faults[day]}" if day in faults else ""
        told[row][week] = (
            f"{day:%a} {format.day(day)}: <b>{format.plural(count, 'event')}</b>{note}"
        )
    drawn.add_heatmap(
        z=values,
        customdata=told,
        xgap=2,
        ygap=2,
        zmin=0.5,
        zmax=7.5,
        showscale=False,
        hoverongaps=False,
        colorscale=_scale(),
        hovertemplate="%{customdata}<extra></extra>",
    )
    drawn.update_yaxes(
        tickvals=[at * _ROWS + 3 for at in range(len(years))],
        ticktext=[f"{year}  " for year in years],
        range=[height - 0.4, -0.6],
        showgrid=False,
        rangemode="normal",
    )
    first, last = _weeks(days, years)
    # Of the newest year; the months of the others begin within a week of these.
    starts = [date(years[0], month, 1) for month in range(1, 13, 1 if last - first < 40 else 2)]
    drawn.update_xaxes(
        tickvals=[_place(start, years)[0] for start in starts],
        ticktext=[f"{start:%b}" for start in starts],
        range=[first - 0.6, last + 0.6],
        tickangle=0,
    )
    drawn.update_layout(hovermode="closest")
    return drawn


def _weeks(days: Sequence[date], years: Sequence[int]) -> tuple[int, int]:
    """The first and last week to be shown: of one year those with days, and no fewer than half."""
    if len(years) > 1:
        return 0, 53
    weeks = [_place(day, years)[0] for day in (min(days), max(days))]
    last = max(weeks[1], min(weeks[0] + _LEAST_WEEKS, 53))
    return max(0, min(weeks[0], last - _LEAST_WEEKS)), last


def _place(day: date, years: Sequence[int]) -> tuple[int, int]:
    """Week and row of a day; the week that a year begins in is its first."""
    first = date(day.year, 1, 1)
    week = ((day - first).days + first.weekday()) // 7
    return week, years.index(day.year) * _ROWS + day.weekday()


def _scale() -> list[tuple[float, str]]:
    """Shades of the series for 1 to 5, the colours of a fault for 6 and of a gap for 7."""
    look = palette()
    colors = [_mixed(look.series[0], look.background, part) for part in SHADES[1:]]
    steps = [*colors, look.series[1], look.bad]
    return [(end / len(steps), color) for at, color in enumerate(steps) for end in (at, at + 1)]


def _mixed(ink: str, paper: str, part: float) -> str:
    """An ink of that strength on the paper, as one colour."""
    pairs = [(int(ink[at : at + 2], 16), int(paper[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(a * part + b * (1 - part)):02x}" for a, b in pairs)


def days_between(first: date, count: int) -> list[date]:
    """So many days in a row."""
    return [first + timedelta(days=at) for at in range(count)]
