"""Numbers, times and sentences as a reader meets them. Never computes a metric."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from warehouse import written
from warehouse.written import NULL as NULL
from warehouse.written import WRITERS as WRITERS
from warehouse.written import amount as amount
from warehouse.written import change as change
from warehouse.written import count as count
from warehouse.written import day as day
from warehouse.written import days as days
from warehouse.written import number as number
from warehouse.written import plural as plural
from warehouse.written import share as share

DAY = 86_400
YEAR = 365.25
# From so many days on, an age is told without its hours.
MANY_DAYS = 14
MARKUP = re.compile(r"[\\`*_{}\[\]<>()#+\-.!|~:$]")


def duration(seconds: float | None) -> str:
    """Span in its two largest units: 41 s, 7 m 12 s, 1 h 05 m, 2 d 03 h. A dash when unknown."""
    return NULL if seconds is None else written.duration(seconds)


def span(seconds: float) -> str:
    """Span as words for a setting or an axis: 30 s, 5 m, 1 h; units of nothing left out."""
    parts = [part for part in _pairs(duration(seconds)) if not part.startswith(("0 ", "00 "))]
    return " ".join(parts) or "0 s"


def _pairs(text: str) -> list[str]:
    words = text.split(" ")
    return [" ".join(words[at : at + 2]) for at in range(0, len(words), 2)]


def latency(milliseconds: float | None) -> str:
    """How long an answer took: 850 ms, 1.42 s, 12.3 s, 2 m 05 s. A dash when unknown."""
    if milliseconds is None:
        return NULL
    # From here on it would be written as 1,000 ms, 10.00 s, 60.0 s.
    if milliseconds < 999.5:
        return f"{milliseconds:.0f} ms"
    if milliseconds < 59_950:
        return f"{milliseconds / 1000:.{2 if milliseconds < 9995 else 1}f} s"
    return duration(milliseconds / 1000)


def local(moment: datetime, zone: str) -> datetime:
    """Wall-clock time in the reporting zone of a naive UTC time."""
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def clock(moment: datetime | None, zone: str) -> str:
    """Local date and time of a naive UTC time: 3 Nov 2026 09:41."""
    if moment is None:
        return NULL
    at = local(moment, zone)
    return f"{day(at.date())} {at:%H:%M}"


def age(moment: datetime, now: datetime) -> str:
    """Time passed between two naive UTC times: 41 s, 12 m, 3 h 12 m, 45 d, 10 y. Never negative."""
    seconds = max((now - moment).total_seconds(), 0.0)
    days = int(seconds // DAY)
    if days >= MANY_DAYS:
        return f"{int(days / YEAR)} y" if days >= 2 * YEAR else f"{days} d"
    return duration(round(seconds)) if seconds < 60 else span(seconds // 60 * 60)


def between(low: float | None, high: float | None) -> str:
    """The ends of an interval of a share: 16.3 % to 18.3 %. A dash when there is none."""
    return NULL if low is None or high is None else f"{share(low)} to {share(high)}"


def named(value: str | None) -> str:
    """Code name as words: power_user is power user. A dash when there is none."""
    return NULL if value is None else value.replace("_", " ")


def listed(values: tuple[str, ...] | list[str], empty: str = "all", most: int = 2) -> str:
    """Short list: all; web; web, chat; web, chat +3."""
    if not values:
        return empty
    extra = len(values) - most
    return ", ".join(values[:most]) + (f" +{extra}" if extra > 0 else "")


def plain(text: str) -> str:
    """Text of data or address that Streamlit shows as it is: no link, image or colour."""
    return MARKUP.sub(r"\\\g<0>", text)
