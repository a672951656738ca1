"""Charts of a report as SVG: the line over its days, and the small one of a headline number.

Colours are classes, so that a page has its own in the dark; `LIGHT` is for where no page is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import floor, log10

from warehouse.reports.shapes import Chart, Number, Point
from warehouse.written import WRITERS

LIGHT = (
    ".line{fill:none;stroke:#2F5DA8;stroke-width:2}.dot{fill:#2F5DA8}"
    ".before{fill:none;stroke:#9AA5B1;stroke-width:1.5;stroke-dasharray:4 3}"
    ".band{fill:#2F5DA8;fill-opacity:.12}.grid{stroke:#EBEEF2}.doubt{fill:#FFFFFF;stroke:#B45309;"
    "stroke-width:2}text{fill:#647082;font-family:Inter,sans-serif;font-size:12px}"
)
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 14, 30, 26
_TICKS = 4
_MOST_DOTS, _WEEK = 31, 7
# The width of a label of a day, and of a sign.
_LABEL, _SIGN = 58, 6.4
_ROW = 18
# A small picture, what it leaves free at its edges, and the values that make a line.
_SPARK, _PAD, _FEWEST = (168, 34), 4, 2


@dataclass(frozen=True)
class _Scale:
    """Where a point and a value lie."""

    width: float
    height: float
    count: int
    most: float
    top: float

    def x(self, at: int) -> float:
        room = self.width - _LEFT - _RIGHT
        return _LEFT + (room / 2 if self.count == 1 else room * at / (self.count - 1))

    def y(self, value: float) -> float:
        room = self.height - self.top - _BOTTOM
        return self.top + room * (1 - value / self.most)


def line_chart(chart: Chart, width: int = 760, height: int = 240, style: str = "") -> str:
    """The chart; `style` is the text of a style sheet of its own, where no page has one."""
    points = chart.points
    known = [
        value
        for point in points
        for value in (point.value, point.previous, point.high)
        if value is not None
    ]
    ticks = _ticks(max(known, default=0))
    legend, rows = _legend(chart, width)
    scale = _Scale(width, height, len(points), ticks[-1], _TOP + (rows - 1) * _ROW)
    parts = [
        *_grid(ticks, scale, chart.unit),
        *_band(points, scale),
        *_line([point.previous for point in points], scale, "before"),
        *_line([point.value for point in points], scale, "line"),
        *_dots(points, scale),
        *_dates(points, scale, chart.title.rpartition(" ")[2]),
        *legend,
    ]
    sheet = f"<style>{style}</style>" if style else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img"><title>{escape(chart.title)}</title>'
        f"<desc>{escape(chart.told)}</desc>{sheet}{''.join(parts)}</svg>"
    )


def spark(number: Number) -> str:
    """The number after those of the periods before, in front of what is normal; "" without."""
    values = [*number.earlier, number.value]
    ends = [end for end in (number.low, number.high) if end is not None]
    known = [value for value in values if value is not None]
    if len(known) < _FEWEST:
        return ""
    least, most = min(*known, *ends), max(*known, *ends)

    def y(value: float) -> float:
        reach = (value - least) / (most - least) if most > least else 0.5
        return _PAD + (_SPARK[1] - 2 * _PAD) * (1 - reach)

    width = _SPARK[0] - 2 * _PAD
    places = [
        (_PAD + width * at / (len(values) - 1), y(value))
        for at, value in enumerate(values)
        if value is not None
    ]
    band = ""
    if len(ends) == _FEWEST:
        top, tall = y(ends[1]), max(y(ends[0]) - y(ends[1]), 1)
        band = f'<rect class="band" width="{_SPARK[0]}" y="{top:.1f}" height="{tall:.1f}"/>'
    told = f"{number.label}: {number.text}"
    told += f", normal {number.normal}" if number.normal else ""
    x, last = places[-1]
    dot = f'<circle class="dot" cx="{x:.1f}" cy="{last:.1f}" r="3"/>'
    return (
        f'<svg class="spark" viewBox="0 0 {_SPARK[0]} {_SPARK[1]}" role="img">'
        f"<title>{escape(told)}</title>{band}"
        f'<path class="line" d="{_path(places)}"/>{dot if number.value is not None else ""}</svg>'
    )


def _ticks(most: float) -> list[float]:
    """Round numbers from zero to beyond the largest value."""
    if most <= 0:
        return [0, 1]
    rough = most / _TICKS
    size = 10 ** floor(log10(rough))
    step = next(size * each for each in (1, 2, 2.5, 5, 10) if size * each >= rough)
    # No count has halves.
    step = max(step, 1)
    count = -(-most // step)
    return [step * at for at in range(int(count) + 1)]


def _grid(ticks: Sequence[float], scale: _Scale, unit: str) -> Iterable[str]:
    for tick in ticks:
        y = scale.y(tick)
        yield (
            f'<line class="grid" x1="{_LEFT}" x2="{scale.width - _RIGHT}" y1="{y:.1f}" '
            f'y2="{y:.1f}"/><text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">'
            f"{escape(WRITERS[unit](tick))}</text>"
        )


def _band(points: Sequence[Point], scale: _Scale) -> Iterable[str]:
    """An area for each run of points of which it is known what is normal."""
    for run in _runs([at for at, point in enumerate(points) if point.low is not None]):
        high = [(scale.x(at), scale.y(points[at].high or 0)) for at in run]
        low = [(scale.x(at), scale.y(points[at].low or 0)) for at in reversed(run)]
        if len(run) == 1:
            # A point has no area of its own.
            high = [(x + by, y) for x, y in high for by in (-6, 6)]
            low = [(x + by, y) for x, y in low for by in (6, -6)]
        yield f'<path class="band" d="{_path([*high, *low])}Z"/>'


def _line(values: Sequence[float | None], scale: _Scale, name: str) -> Iterable[str]:
    for run in _runs([at for at, value in enumerate(values) if value is not None]):
        places = [(scale.x(at), scale.y(values[at] or 0)) for at in run]
        yield f'<path class="{name}" d="{_path(places)}"/>'


def _dots(points: Sequence[Point], scale: _Scale) -> Iterable[str]:
    """A dot for each point where there are few, and a ring for those that are not to be trusted."""
    few = len(points) <= 31
    for at, point in enumerate(points):
        if point.value is None or not (few or point.is_doubted):
            continue
        size, name = (5, "doubt") if point.is_doubted else (3, "dot")
        yield (
            f'<circle class="{name}" cx="{scale.x(at):.1f}" cy="{scale.y(point.value):.1f}" '
            f'r="{size}"/>'
        )


def _dates(points: Sequence[Point], scale: _Scale, grain: str) -> Iterable[str]:
    """As many dates as have room, from the first on."""
    most = max(int((scale.width - _LEFT - _RIGHT) / _LABEL), 1)
    every = max(-(-len(points) // most), 1)
    is_week = len(points) <= 7
    for at in range(0, len(points), every):
        start = points[at].start
        told = f"{start:%b %Y}" if grain == "month" else f"{start.day} {start:%b}"
        told = f"{start:%a} {start.day}" if is_week else told
        x = scale.x(at)
        anchor = "start" if x < _LEFT + 8 else "end" if x > scale.width - _RIGHT - 8 else "middle"
        x = x - 8 if anchor == "start" else x + 8 if anchor == "end" else x
        yield f'<text x="{x:.1f}" y="{scale.height - 6:.1f}" text-anchor="{anchor}">{told}</text>'


def _legend(chart: Chart, width: int) -> tuple[list[str], int]:
    """What the signs mean, and in how many rows that stands."""
    entries = [("dot", chart.title.split(" by ")[0])]
    entries += [("before", chart.before)] if chart.before else []
    entries += [("band", "normal")] if chart.has_band else []
    entries += [("doubt", "not to be trusted")] if any(p.is_doubted for p in chart.points) else []
    parts, x, row = [], 8.0, 0
    for name, told in entries:
        room = 20 + len(told) * _SIGN
        if x + room > width:
            x, row = 8.0, row + 1
        y = 11 + row * _ROW
        shape = {
            "before": f'<line class="before" x1="{x:.1f}" x2="{x + 14:.1f}" y1="{y}" y2="{y}"/>',
            "band": f'<rect class="band" x="{x:.1f}" y="{y - 6}" width="14" height="12"/>',
        }.get(name, f'<circle class="{name}" cx="{x + 7:.1f}" cy="{y}" r="4"/>')
        parts.append(f'{shape}<text x="{x + 20:.1f}" y="{y + 4}">{escape(told)}</text>')
        x += room + 16
    return parts, row + 1


def _runs(places: Sequence[int]) -> list[list[int]]:
    """Places that follow each other, together."""
    runs: list[list[int]] = []
    for place in places:
        if runs and runs[-1][-1] == place - 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs


def _path(places: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in places)
