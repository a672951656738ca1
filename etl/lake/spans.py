"""How much time a file of events spans: a year, a month or a day of a fixed grid. Opens no file.

Half a million events over six years are best kept in a file a year, three hundred thousand a day
in a file a day: what is opened often is few, and what is rewritten small. Spans nest, so that
files of any of them can be cut at the same midnights.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

# What a span of that grain is called, of a time as ISO text: its first so many characters.
NAME_LENGTHS: Final = {"year": 4, "month": 7, "day": 10}
# From so many rows on a span is divided. A year below has some 60 MB, read in a second.
MOST_ROWS = 1_000_000
_DAYS = {"year": 366, "month": 31}


def grains_of_days(days: Mapping[date, int], known_rows: Callable[[str], int]) -> dict[date, str]:
    """The grain of the file for each day of some new rows, given how many rows each day has.

    `known_rows`: rows that the lake has within a span, named 2026 or 2026-03. A span that new rows
    fill in part only is judged by how dense they lie there: the rest is still to come.
    """
    grains: dict[date, str] = dict.fromkeys(days, "day")
    # Coarser ones last: where they do, they win.
    for grain in ("month", "year"):
        spans: dict[str, list[date]] = {}
        for day in days:
            spans.setdefault(span_of(day, grain), []).append(day)
        for span, inside in spans.items():
            rows = sum(days[day] for day in inside)
            width = (max(inside) - min(inside)).days + 1
            expected = max(known_rows(span) + rows, rows / width * _DAYS[grain])
            if expected < MOST_ROWS:
                grains.update(dict.fromkeys(inside, grain))
    return grains


def span_of(day: date, grain: str) -> str:
    """The name of the span that a day lies in: 2026, 2026-03 or 2026-03-10."""
    return day.isoformat()[: NAME_LENGTHS[grain]]


def grain_for(rows_of_year: int, rows_of_month: int) -> str:
    """The grain that suits so many rows."""
    if rows_of_year < MOST_ROWS:
        return "year"
    return "month" if rows_of_month < MOST_ROWS else "day"
