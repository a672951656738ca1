"""A user's sessions on a true time axis: a row a day, a bar a session. HTML, and marks as pictures.

Never asks the warehouse anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pages.ui import format
from pages.ui.theme import Palette, css_colors, palette
from pages.views.user_axis import FOLD, Axis, axis_of
from pages.views.user_window import folded

if TYPE_CHECKING:
    import polars as pl

LEGEND = 7
HOUR = 3600
# Bars of one time lie below each other, up to so many; the height of each in pixels.
MOST_ROWS = 4
ROW = 22
# What a bar takes at least, as a share of the axis, and from which share on it has room for
# marks of all events.
LEAST = 0.012
MARKED = 0.02
# Marks that are nearer than this are one. Their widths are in 10,000ths of the axis too, so that a
# phone draws thinner ones.
APART = 0.0045
Row = Mapping[str, Any]


@dataclass
class Bar:
    """A session in the row of the day that it began on.

    `low` and `high` are hours of that day, `left` and `width` shares of the axis.
    """

    row: Row
    low: float
    high: float
    left: float
    width: float
    is_cut: bool
    lane: int = 0


def colors(types: Sequence[str | None]) -> dict[str | None, str]:
    """One colour per type of session, in the order given; grey for none, where there are others.

    Types beyond the palette share the last colour.
    """
    look = palette()
    names = [name for name in dict.fromkeys(types) if name is not None]
    given: dict[str | None, str] = {
        name: look.series[min(at, len(look.series) - 1)] for at, name in enumerate(names)
    }
    given[None] = look.quiet if names else look.series[0]
    return given


def span(row: Row, zone: str) -> tuple[float, float]:
    """Start and end of a session in hours that clocks show, since the midnight before its start.

    Where they are put back meanwhile it may end before it began: it takes no room then.
    """
    start, end = (format.local(row[name], zone) for name in ("start_time", "end_time"))
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    low, high = ((at - midnight).total_seconds() / HOUR for at in (start, end))
    return low, max(low, high)


def packed(rows: Sequence[Row], axis: Axis, zone: str) -> list[Bar]:
    """The bars of one day, those that would cover each other in lanes below."""
    bars: list[Bar] = []
    free = [0.0] * MOST_ROWS
    for row in sorted(rows, key=lambda row: row["start_time"]):
        low, high = span(row, zone)
        left = axis.share(low)
        bar = Bar(row, low, high, left, axis.share(high) - left, is_cut=high > axis.high)
        room = [number for number, end in enumerate(free) if end <= left]
        bar.lane = room[0] if room else free.index(min(free))
        free[bar.lane] = left + max(bar.width, LEAST)
        bars.append(bar)
    return bars


def lanes(
    sessions: pl.DataFrame,
    marks: pl.DataFrame,
    days: Sequence[date],
    zone: str,
    link: Callable[[Row], str],
    color_of: Mapping[str | None, str],
    chosen: str | None = None,
) -> str:
    """One row per day with sessions, newest on top, in HTML; days between are told in a line.

    `marks` are where in the sessions events lie, as users.event_marks has them.
    """
    of_day: dict[date, list[Row]] = {day: [] for day in days}
    for row in sessions.iter_rows(named=True):
        of_day[row["start_date"]].append(row)
    axis = axis_of(span(row, zone) for rows in of_day.values() for row in rows)
    places: dict[str, list[Row]] = {}
    for mark in marks.iter_rows(named=True):
        places.setdefault(mark["session_id"], []).append(mark)
    look = palette()
    of_years = days[0].year != days[-1].year
    parts = []
    for newer, day in zip((None, *days), days, strict=False):
        if newer is not None and (many := folded(newer, day)):
            parts.append(f'<p class="dwell-fold">{format.plural(many, "day")} without sessions</p>')
        bars = packed(of_day[day], axis, zone)
        high = ROW * (max((bar.lane for bar in bars), default=0) + 1)
        drawn = "".join(_bar(bar, zone, link, color_of, chosen) for bar in bars)
        parts.append(
            f'<div class="dwell-lane"><b>{words_of(day, of_years=of_years)}</b>'
            f'<div class="dwell-track" style="height:{high}px">{drawn}'
            f"{_ticks(bars, places, axis, high, look, color_of)}</div></div>"
        )
    return (
        f'<div class="dwell-lanes" style="{css_colors()};--dwell-text:{look.text};'
        f'--dwell-ground:{_ground(axis)}" role="group" '
        'aria-label="Sessions by day, each a bar from its start to its end">'
        f"{_head(axis)}{''.join(parts)}</div>"
    )


def _head(axis: Axis) -> str:
    names = "".join(
        f'<span style="left:{axis.share(hour) * 100:.2f}%">{hour % 24:02}:00'
        f"{'<sup>+1</sup>' if hour >= 24 else ''}</span>"
        for hour in axis.hours
    )
    folds = "".join(
        f'<i style="left:{at * 100:.2f}%;width:{FOLD * 100:.1f}%" '
        f'title="{format.plural(many, "hour")} without sessions"></i>'
        for at, many in axis.folds
    )
    return f'<div class="dwell-lane dwell-hours"><b></b><header>{names}{folds}</header></div>'


def _ground(axis: Axis) -> str:
    """What lies behind the bars: a line at each named hour, and a hatched band for each fold."""
    line = "linear-gradient(var(--dwell-grid) 0 0)"
    hatch = "repeating-linear-gradient(-45deg,var(--dwell-grid) 0 2px,transparent 2px 6px)"
    lines = [f"{line} {axis.share(hour) * 100:.2f}% 0/1px 100% no-repeat" for hour in axis.hours]
    # A share of the room that the band itself leaves.
    bands = [
        f"{hatch} {at / (1 - FOLD) * 100:.2f}% 0/{FOLD * 100:.1f}% 100% no-repeat"
        for at, _ in axis.folds
    ]
    return ",".join((*bands, *lines))


def _bar(
    bar: Bar,
    zone: str,
    link: Callable[[Row], str],
    color_of: Mapping[str | None, str],
    chosen: str | None,
) -> str:
    told = escape(session_text(bar.row, zone))
    kind = " dwell-chosen" if bar.row["session_id"] == chosen else ""
    kind += " dwell-cut" if bar.is_cut else ""
    return (
        f'<a class="dwell-link dwell-visit{kind}" href="{escape(link(bar.row))}" '
        f'title="{told}" aria-label="{told}" style="--at:{bar.left:.5f};--long:{bar.width:.5f};'
        f'top:{bar.lane * ROW}px;--color:{color_of[bar.row["session_type"]]}"><i></i></a>'
    )


def _ticks(
    bars: Sequence[Bar],
    places: Mapping[str, Sequence[Row]],
    axis: Axis,
    high: int,
    look: Palette,
    color_of: Mapping[str | None, str],
) -> str:
    """The events of a day's sessions, as one picture over the bars; nothing where none has room."""
    lines: dict[tuple[str, int], list[str]] = {}
    for bar in bars:
        color = color_of[bar.row["session_type"]]
        marks = places.get(bar.row["session_id"], ())
        if bar.width < MARKED:
            # What is looked for, and what went wrong, is seen all the same.
            marks = [mark for mark in marks if mark["error_count"] or mark["chosen_count"]]
        for mark in _apart(bar, axis, marks):
            kind, rise = (color, 13), 0
            if mark["error_count"]:
                kind, rise = (look.bad, 20), 3
            if mark["chosen_count"]:
                kind, rise = (look.text, 22), 3
            top = bar.lane * ROW + 4
            path = f"M{mark['at'] * 10000:.0f} {top - rise}V{top + 14 + rise}"
            lines.setdefault(kind, []).append(path)
    if not lines:
        return ""
    # What matters most lies on top.
    paths = "".join(
        f'<path d="{"".join(each)}" stroke="{color}" stroke-width="{wide}"/>'
        for (color, wide), each in sorted(lines.items(), key=lambda pair: pair[0][1])
    )
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10000 {high}" '
        f'preserveAspectRatio="none">{paths}</svg>'
    )
    return f'<img alt="" src="data:image/svg+xml,{quote(picture)}">'


def _apart(bar: Bar, axis: Axis, marks: Sequence[Row]) -> list[dict[str, Any]]:
    """The marks of a bar on the axis; those too near to be told apart are one."""
    kept: list[dict[str, Any]] = []
    for mark in marks:
        hour = bar.low + mark["place"] * (bar.high - bar.low)
        if hour > axis.high:
            break
        at = axis.share(hour)
        if kept and at - kept[-1]["at"] < APART:
            kept[-1]["error_count"] += mark["error_count"]
            kept[-1]["chosen_count"] += mark["chosen_count"]
        else:
            kept.append({**mark, "at": at})
    return kept


def words_of(day: date, *, of_years: bool = False) -> str:
    """Name of a row: Sat 21 Nov; 21 Nov 2026 where others are of another year."""
    return format.day(day) if of_years else f"{day:%a} {day.day} {day:%b}"


def session_text(row: Row, zone: str) -> str:
    """What a session was, in a line for who points at it or listens."""
    start, end = format.local(row["start_time"], zone), format.local(row["end_time"], zone)
    until = f"{end:%H:%M:%S}" if start.date() == end.date() else f"{end:%-d %b %H:%M:%S}"
    parts = [
        f"{start:%-d %b %Y %H:%M:%S} to {until}",
        format.duration(row["duration_seconds"]) + (", still open" if row["is_open"] else ""),
        format.plural(row["event_count"], "event"),
        format.plural(row["action_count"], "action"),
        format.plural(row["error_count"], "error"),
        f"type {format.named(row['session_type'])}" if row["session_type"] else "type not known",
    ]
    return ", ".join(parts)


def legend(shown: Iterable[str | None], color_of: Mapping[str | None, str]) -> str:
    """The colours of the bars as coloured words, in HTML; nothing where no type is known."""
    present = set(shown)
    names = [name for name in color_of if name in present]
    if names == [None]:
        return ""
    spans = "".join(
        f'<span><i style="background:{color_of[name]}"></i>'
        f"{escape(format.named(name) if name else 'type not known')}</span>"
        for name in names[:LEGEND]
    )
    more = f"<span>+{len(names) - LEGEND} more</span>" if len(names) > LEGEND else ""
    return f'<div class="dwell-legend">{spans}{more}</div>'
