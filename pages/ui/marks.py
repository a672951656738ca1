"""Marks on charts over days: annotations of dwell.toml, and faults. Never computes a number.

A mark is a thin line with its number, and a fault of the data a grey band; what they are stands in
the hover of their day, and below the chart, where touch and readers of text find it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from html import escape
from itertools import groupby
from textwrap import wrap
from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import fault_words, format, visitor
from pages.ui.ask import ask, current_warehouse
from pages.ui.periods import last_day
from pages.ui.theme import Palette, palette
from warehouse import Filters
from warehouse.annotations import annotations_or_problem
from warehouse.metrics import health

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from pages.ui.frame import Page
    from warehouse.query import Grain

# A number takes about this share of the narrowest chart: nearer ones stand one below the other.
_NEAR = 0.07
_LEVELS = 3
_LEVEL_HEIGHT = 17
# The box of a chart's hover cuts longer lines.
_HOVER_WIDTH = 28
# More faults than these are no caption; all of them stand in Data health.
_MOST_FAULTS = 5


@dataclass(frozen=True)
class Mark:
    """Some days and what is said of them; without a number a fault of the data."""

    first: date
    last: date
    text: str
    number: int | None = None

    @property
    def days(self) -> str:
        return format.days(self.first, self.last)


def marks_of(page: Page, starts: Sequence[date], grain: Grain | None = None) -> list[Mark]:
    """The marks within the periods of a chart that begin on these days, annotations by number.

    Within the page's period alone, so that all charts of a page number them alike. `grain` says
    what the periods are, where they are not the page's.
    """
    if not starts:
        return []
    # A page of the data as it is shows all days, whatever filters its address keeps for others.
    filters = page.filters if page.filtered else Filters()
    first = max(starts[0], filters.start or starts[0])
    last = last_day(starts[-1], grain or page.grain)
    last = min(last, filters.end or last)
    noted = [
        (each.first_date, each.last_date or each.first_date, each.text)
        for each in annotations_or_problem(current_warehouse().home)[0]
    ]
    shown = [row for row in noted if row[0] <= last and row[1] >= first]
    faults = [
        Mark(begun, ended, f"{fault_words.named(kind)} of {source}: {evidence}")
        for kind, source, begun, ended, evidence in ask(health.faults).iter_rows()
        if source in (filters.sources or (source,)) and begun <= last and ended >= first
    ]
    return [*(Mark(*row, number) for number, row in enumerate(shown, 1)), *faults]


def warn() -> None:
    """Says, once on a page with marks, why it has none of dwell.toml."""
    _, problem = annotations_or_problem(current_warehouse().home)
    if problem:
        st.warning(f"Annotations are not shown. {format.plain(visitor.told(problem))}")


def draw(
    drawn: go.Figure, marks: Sequence[Mark], starts: Sequence[date], grain: Grain = "day"
) -> go.Figure:
    """The figure with the marks on it; `starts` are the periods that its points stand at."""
    look = palette()
    levels = _levels(marks, starts)
    faulty: set[date] = set()
    for mark in marks:
        low, high = (_place(day, starts) for day in (mark.first, mark.last))
        within = [start for start in starts if low <= start <= high]
        if mark.number is None:
            faulty.update(within)
        else:
            if mark.last > mark.first:
                _band(drawn, low, high, grain, look, opacity=0.09)
            _line(drawn, low, mark, levels[mark.number], look)
        _hover(drawn, mark, within)
    # Faults of the same days are one band.
    for low, high in _runs(starts, faulty):
        _band(drawn, low, high, grain, look, opacity=0.22)
    if levels:
        top = 8 + _LEVEL_HEIGHT * (max(levels.values()) + 1)
        drawn.update_layout(margin={"t": top})
    return drawn


def note(marks: Sequence[Mark]) -> str:
    """All annotations and some faults in words, for a caption; empty without any mark."""
    faults = [mark for mark in marks if mark.number is None]
    told = [
        f"**{mark.number}** {mark.days}: {format.plain(mark.text)}"
        for mark in marks
        if mark.number is not None
    ]
    # The newest: those before are known by then.
    more = max(len(faults) - _MOST_FAULTS, 0)
    told += [f"Grey, {mark.days}: {format.plain(mark.text)}" for mark in faults[more:]]
    if more:
        told.append(f"Grey, too: {format.plural(more, 'fault')} before, see Data health")
    return " · ".join(told)


def noted(text: str, marks: Sequence[Mark]) -> str:
    """What a chart's own note says, and its marks below."""
    return "  \n".join(filter(None, (text, note(marks))))


def below(marks: Sequence[Mark]) -> None:
    """The note as a caption, where there is any mark."""
    if marks:
        st.caption(note(marks))


def _wrapped(text: str) -> str:
    """Text as a chart's hover shows it: on short lines, and never markup."""
    return "<br>".join(escape(line, quote=False) for line in wrap(text, _HOVER_WIDTH))


def _half(start: date, grain: Grain) -> timedelta:
    """Half of the period that begins so."""
    return (last_day(start, grain) - start + timedelta(days=1)) / 2


def _place(day: date, starts: Sequence[date]) -> date:
    """Where the period of a day stands; days beyond the chart stand at its ends."""
    return starts[max(bisect_right(starts, day) - 1, 0)]


def _levels(marks: Sequence[Mark], starts: Sequence[date]) -> dict[int, int]:
    """How many numbers each number stands below the top: near ones are not on each other."""
    room = (starts[-1] - starts[0]) * _NEAR if starts else timedelta()
    ends: list[date | None] = [None] * _LEVELS
    levels = {}
    for mark in marks:
        if mark.number is None:
            continue
        at = _place(mark.first, starts)
        free = [n for n, end in enumerate(ends) if end is None or at - end > room]
        # When all are taken, the one whose number is furthest away.
        level = free[0] if free else min(range(_LEVELS), key=lambda n: ends[n] or date.min)
        ends[level] = at
        levels[mark.number] = level
    return levels


def _line(drawn: go.Figure, at: date, mark: Mark, level: int, look: Palette) -> None:
    drawn.add_shape(
        type="line",
        x0=at,
        x1=at,
        y0=0,
        y1=1,
        yref="paper",
        line={"color": look.quiet, "width": 1, "dash": "dot"},
    )
    # The arrow has no head: it is the line's way up to a number that stands higher.
    drawn.add_annotation(
        x=at,
        y=1,
        yref="paper",
        ax=0,
        ay=-10 - _LEVEL_HEIGHT * level,
        arrowhead=0,
        arrowwidth=1,
        arrowcolor=look.quiet,
        text=str(mark.number),
        hovertext=_wrapped(f"{mark.days}: {mark.text}"),
        font={"color": look.text, "size": 11},
        bgcolor=look.surface,
        bordercolor=look.quiet,
        borderwidth=1,
        borderpad=2,
    )


def _band(
    drawn: go.Figure,
    low: date,
    high: date,
    grain: Grain,
    look: Palette,
    *,
    opacity: float,
) -> None:
    drawn.add_shape(
        type="rect",
        x0=datetime.combine(low, time()) - _half(low, grain),
        x1=datetime.combine(high, time()) + _half(high, grain),
        y0=0,
        y1=1,
        yref="paper",
        # Below the lines, the band of what is normal would hide it.
        layer="above",
        line={"width": 0},
        fillcolor=look.quiet,
        opacity=opacity,
    )


def _runs(starts: Sequence[date], chosen: set[date]) -> list[tuple[date, date]]:
    """The chosen periods, those in a row as one: the first and the last of each."""
    runs = []
    for is_chosen, run in groupby(starts, chosen.__contains__):
        if is_chosen:
            periods = list(run)
            runs.append((periods[0], periods[-1]))
    return runs


def _hover(drawn: go.Figure, mark: Mark, within: Sequence[date]) -> None:
    """Points that nobody sees, so that the hover of their periods has a line on the mark."""
    text = _wrapped(mark.text)
    drawn.add_scatter(
        x=list(within),
        y=[0] * len(within),
        mode="markers",
        marker={"opacity": 0, "color": palette().quiet},
        customdata=[text] * len(within),
        hovertemplate="<i>%{customdata}</i><extra></extra>",
        name="mark",
    )
