"""A user's whole history by years: a square a day, darker where more sessions began. HTML alone.

Never asks the warehouse anything.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, timedelta
from html import escape
from itertools import groupby
from math import ceil, sqrt
from typing import Any
from urllib.parse import quote

from pages.ui import format
from pages.ui.theme import css_colors, palette

LEVELS = 4
# Years that are shown at once; older ones are a click away.
OPEN_YEARS = 3
# Of the side of a day's square that is filled.
FILLED = 0.86
Days = Mapping[date, Mapping[str, Any]]


def years(days: Days, shown: Collection[date], link: Callable[[date], str]) -> str:
    """The years with sessions, newest first, in HTML; those without are one line.

    `days` are those with sessions, `shown` those that the timeline shows, and `link` where a day
    leads. Months can be tabbed to; single days are for who points at them.
    """
    most = max(row["session_count"] for row in days.values())
    blocks = list(_blocks(days, most, shown, link))
    recent, older = blocks[:OPEN_YEARS], blocks[OPEN_YEARS:]
    more = ""
    if older:
        is_open = " open" if min(shown) < recent[-1][0] else ""
        words = format.plural(len(older), "earlier year")
        more = f"<details{is_open}><summary>{words}</summary>{_joined(older)}</details>"
    return (
        f'<div class="dwell-years" style="{css_colors()};'
        f'--dwell-text:{palette().text}">{_joined(recent)}{more}</div>'
    )


def _joined(blocks: list[tuple[date, str]]) -> str:
    return "".join(text for _, text in blocks)


def _blocks(
    days: Days, most: int, shown: Collection[date], link: Callable[[date], str]
) -> Iterator[tuple[date, str]]:
    """The first day and the HTML of each year, newest first, with a line for those between."""
    after: int | None = None
    for year, members in groupby(sorted(days, reverse=True), key=lambda day: day.year):
        fold = ""
        if after is not None and after - year > 1:
            names = str(year + 1) if after - year == 2 else f"{year + 1} to {after - 1}"
            fold = f'<p class="dwell-fold">{names}: no sessions</p>'
        after = year
        yield date(year, 1, 1), fold + _year(year, sorted(members), days, most, shown, link)


def _year(
    year: int,
    members: list[date],
    days: Days,
    most: int,
    shown: Collection[date],
    link: Callable[[date], str],
) -> str:
    squares = "".join(_square(day, days[day], most, day in shown, link(day)) for day in members)
    last_of = {day.month: day for day in members}
    months = "".join(_month(year, month, last_of.get(month), link) for month in range(1, 13))
    weeks = week_of(date(year, 12, 31)) + 1
    total = sum(days[day]["session_count"] for day in members)
    told = f"{format.plural(total, 'session')} on {format.plural(len(members), 'day')}"
    return (
        f'<div class="dwell-year" style="--weeks:{weeks}"><b>{year}</b>'
        f"<small>{told}</small>"
        f'<nav aria-label="Months of {year}">{months}</nav>'
        f'<div role="group" aria-label="{year}: {told}" style="background-image:'
        f'url(&quot;{_ground(year, weeks)}&quot;)">{squares}</div></div>'
    )


def week_of(day: date) -> int:
    """The column of a day in its year; a week begins on Monday."""
    first = date(day.year, 1, 1)
    return ((day - first).days + first.weekday()) // 7


def _square(day: date, row: Mapping[str, Any], most: int, is_shown: bool, address: str) -> str:
    told = f"{format.day(day)}: {format.plural(row['session_count'], 'session')}"
    if row["duration_seconds"]:
        told += f", {format.duration(row['duration_seconds'])}"
    kind = " dwell-shown" if is_shown else ""
    return (
        f'<a class="dwell-link dwell-l{level(row["session_count"], most)}{kind}" tabindex="-1" '
        f'href="{escape(address)}" title="{told}" '
        f'style="grid-area:{day.weekday() + 1}/{week_of(day) + 1}"></a>'
    )


def level(count: int, most: int) -> int:
    """The shade of a day, from 1 to LEVELS: by the root, as many days have few sessions."""
    return ceil(LEVELS * sqrt(count / most))


def _month(year: int, month: int, last: date | None, link: Callable[[date], str]) -> str:
    first = date(year, month, 1)
    place = f'style="grid-column:{week_of(first + timedelta(days=6)) + 1}"'
    name = f"{first:%b}"
    if last is None:
        return f"<span {place}>{name}</span>"
    return (
        f'<a class="dwell-link" {place} href="{escape(link(last))}" '
        f'title="Up to {format.day(last)}">{name}</a>'
    )


def _ground(year: int, weeks: int) -> str:
    """All days of the year as empty squares: a picture behind those with sessions."""
    first, last = date(year, 1, 1).weekday(), date(year, 12, 31).weekday() + 1
    outline = f"M1 0H{weeks}V{last}H{weeks - 1}V7H0V{first}H1Z"
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {weeks} 7" '
        'preserveAspectRatio="none"><pattern id="d" width="1" height="1" '
        f'patternUnits="userSpaceOnUse"><rect width="{FILLED}" height="{FILLED}" rx=".15" '
        f'fill="{palette().grid}"/></pattern><path d="{outline}" fill="url(#d)"/></svg>'
    )
    return f"data:image/svg+xml,{quote(picture)}"


def scale(days: Days) -> str:
    """What the shades mean, in HTML."""
    most = max(row["session_count"] for row in days.values())
    steps = "".join(f'<i class="dwell-l{number}"></i>' for number in range(1, LEVELS + 1))
    return (
        f'<p class="dwell-scale" style="{css_colors()}">Sessions a day: 1 {steps} '
        f"{format.count(most)}</p>"
        if most > 1
        else ""
    )
