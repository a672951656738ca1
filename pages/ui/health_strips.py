"""Strips of the events of each source over time, as HTML: rows in, markup out. Asks nothing.

One strip has at most some hundred cells, however many years there are: days, else weeks, else
months.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from html import escape
from urllib.parse import quote

from pages.ui import format
from pages.ui.theme import Palette, css_colors, palette

MOST_CELLS = 131
SHADES = (0.0, 0.16, 0.34, 0.54, 0.76, 1.0)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Strip:
    """The days of one source in order, with their events, and those with a fault, by its name."""

    source: str
    first: date
    counts: Sequence[int]
    faults: Mapping[date, str] = field(default_factory=dict)
    link: str = ""
    is_open: bool = False

    @property
    def last(self) -> date:
        """Its last day with an event."""
        return self.first + (len(self.counts) - 1) * _DAY

    @property
    def gaps(self) -> int:
        """Days without an event."""
        return sum(not count for count in self.counts)

    @property
    def is_sparse(self) -> bool:
        """Whether most days have no event, so that one without is nothing to be marked."""
        return 2 * self.gaps > len(self.counts)


def grain_of(first: date, last: date) -> str:
    """What a cell of a strip is, so that they are not too many."""
    days = (last - first).days + 1
    return "day" if days <= MOST_CELLS else "week" if days <= 7 * MOST_CELLS else "month"


def cell_of(day: date, first: date, grain: str) -> int:
    """Which cell a day is in, counted from that of the first day of all."""
    if grain == "month":
        return (day.year - first.year) * 12 + day.month - first.month
    start = first - timedelta(days=first.weekday()) if grain == "week" else first
    return (day - start).days // (7 if grain == "week" else 1)


def shade(count: float, most: float) -> int:
    """The shade of a number of events, on a scale of tenfolds: quiet days are seen as well."""
    if count <= 0 or most <= 0:
        return 0
    # A hundredth of the most is the lightest.
    part = 1 + math.log10(min(count / most, 1)) / 2
    return max(1, min(len(SHADES) - 1, math.ceil(part * (len(SHADES) - 1))))


def strips(rows: Sequence[Strip]) -> str:
    """All strips under one another, on one axis of time."""
    first, last = min(row.first for row in rows), max(row.last for row in rows)
    grain = grain_of(first, last)
    width = cell_of(last, first, grain) + 1
    lines = "".join(_line(row, first, grain, width) for row in rows)
    axis = "".join(
        f'<span style="left:{at / width * 100:.2f}%">{escape(words)}</span>'
        for at, words in _ticks(first, last, grain, width)
    )
    return (
        f'<div class="dwell-strips" style="{css_colors()};--dwell-gap:{palette().bad};'
        f'--dwell-fault:{palette().series[1]}">{lines}'
        f'<div class="dwell-strip-axis"><i></i><div>{axis}</div><i></i></div></div>'
    )


def _line(row: Strip, first: date, grain: str, width: int) -> str:
    totals, days, gaps, out = [0] * width, [0] * width, [0] * width, [0] * width
    for at, count in enumerate(row.counts):
        day = row.first + at * _DAY
        cell = cell_of(day, first, grain)
        totals[cell] += count
        days[cell] += 1
        gaps[cell] += not count and not row.is_sparse
        out[cell] += day in row.faults
    # Of a week that began in its middle too, a day is as dark as its events.
    means = [total / count if count else 0.0 for total, count in zip(totals, days, strict=True)]
    picture = _picture(means, days, gaps, out, palette())
    told = [
        format.plural(sum(row.counts), "event"),
        f"from {format.days(row.first, row.last)}",
        f"{format.plural(row.gaps, 'day')} without one" if row.gaps else "no day without one",
    ]
    if row.faults:
        told.append(f"{format.plural(len(row.faults), 'day')} with a fault")
    words = ", ".join(told)
    mark = ' aria-current="true"' if row.is_open else ""
    note = []
    if row.is_sparse:
        there = format.count(len(row.counts) - row.gaps)
        note.append(f"{there} of {format.plural(len(row.counts), 'day')}")
    elif row.gaps:
        note.append(f'<b class="dwell-bad">{format.plural(row.gaps, "gap day")}</b>')
    if row.faults:
        note.append(f"{format.plural(len(row.faults), 'fault day')}")
    return (
        f'<div class="dwell-strip"><a class="dwell-link" href="{escape(row.link)}"{mark} '
        f'title="{escape(row.source)}">{escape(row.source)}</a>'
        f'<img alt="{escape(row.source)}: {escape(words)}" title="{escape(words)}" '
        f'src="data:image/svg+xml,{quote(picture)}">'
        f"<small>{', '.join(note) or 'no gap'}</small></div>"
    )


def _picture(
    means: Sequence[float],
    days: Sequence[int],
    gaps: Sequence[int],
    faults: Sequence[int],
    look: Palette,
) -> str:
    most = max(means, default=0)
    parts = []
    at = 0
    shades = [shade(mean, most) if days[cell] else -1 for cell, mean in enumerate(means)]
    while at < len(shades):
        end = at
        while end < len(shades) and shades[end] == shades[at]:
            end += 1
        if shades[at] >= 0:
            color = look.series[0] if shades[at] else look.surface
            parts.append(
                f'<rect x="{at}" y="0" width="{end - at + 0.02}" height="20" fill="{color}" '
                f'fill-opacity="{SHADES[shades[at]] or 1}"/>'
            )
        at = end
    for color, marked in ((look.series[1], faults), (look.bad, gaps)):
        parts += [
            f'<rect x="{cell}" y="20" width="1" height="5" fill="{color}"/>'
            for cell, count in enumerate(marked)
            if count
        ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {len(means)} 25" '
        f'preserveAspectRatio="none" shape-rendering="crispEdges">{"".join(parts)}</svg>'
    )


def _ticks(first: date, last: date, grain: str, width: int) -> list[tuple[int, str]]:
    """Some beginnings of months or years, by their cells."""
    starts = []
    month = first.replace(day=1)
    while month <= last:
        starts.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    if grain == "month" and len(starts) > 24:
        starts = [start for start in starts if start.month == 1] or starts
    step = -(-len(starts) // 6)
    shown = [start for start in starts[::step] if start >= first] or [first]
    is_year = grain == "month" and len(shown) > 1 and all(start.month == 1 for start in shown)
    return [
        (cell_of(start, first, grain), f"{start.year}" if is_year else f"{start:%b %Y}")
        for start in shown
        if cell_of(start, first, grain) < width * 0.94
    ]


def legend(has: Mapping[str, bool]) -> str:
    """What the marks below a strip are, and what its shades."""
    look = palette()
    shades = "".join(
        f'<i style="background:{look.series[0]};opacity:{each};margin:0"></i>'
        for each in SHADES[1:]
    )
    parts = [f"<span>fewer {shades} more events a day</span>"]
    marks = {
        "gaps": (look.bad, "a day without events"),
        "faults": (look.series[1], "a day that looks like a fault"),
    }
    parts += [
        f'<span><i style="background:{color}"></i>{words}</span>'
        for name, (color, words) in marks.items()
        if has[name]
    ]
    return f'<div class="dwell-legend">{"".join(parts)}</div>'
