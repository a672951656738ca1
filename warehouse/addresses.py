"""Where the dashboard shows the same: the address of a page at a period and its filters.

The names of its parameters are those that the pages read and write. Never touches data.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from urllib.parse import urlencode

from warehouse.conditions import NO_CONDITIONS, Conditions, as_text
from warehouse.dimensions import FILTERS, Dimension

Pairs = list[tuple[str, str]]


def page_address(
    dashboard: str,
    page: str = "",
    *,
    start: date | None = None,
    end: date | None = None,
    where: Conditions = NO_CONDITIONS,
    segments: Iterable[str] = (),
    bots: bool = False,
    build: int | None = None,
    dimensions: Iterable[Dimension] = FILTERS,
    **own: str,
) -> str:
    """Address of a page of the dashboard, such as https://dwell.example.com/users?from=…

    `dashboard` is the setting dashboard_url, `page` a file of pages/ ("" is the overview),
    `start` and `end` local days (the pages' own period where one is missing), `segments` names,
    `build` one that the numbers stay pinned to while it is kept, `dimensions` those of a
    warehouse, and `own` parameters of the page. "" without a dashboard.
    """
    if not dashboard:
        return ""
    pairs: Pairs = day_pairs(start, end) if start and end else []
    pairs += [("segment", name) for name in segments]
    pairs += condition_pairs(where, dimensions)
    pairs += [("bots", "1")] if bots else []
    pairs += [("build", str(build))] if build is not None else []
    pairs += own.items()
    return f"{dashboard.rstrip('/')}/{page}" + (f"?{urlencode(pairs)}" if pairs else "")


def day_pairs(start: date, end: date) -> Pairs:
    """The parameters of a period."""
    return [("from", start.isoformat()), ("to", end.isoformat())]


def condition_pairs(where: Conditions, dimensions: Iterable[Dimension]) -> Pairs:
    """The parameters of conditions on these dimensions, in their order."""
    return [
        _pair(dimension.name, as_text(dimension, term))
        for dimension in dimensions
        for term in where.values(dimension.name)
    ]


def _pair(name: str, text: str) -> tuple[str, str]:
    """A term as a parameter that reads like a condition: browser!=Firefox."""
    for sign in ("!=", ">=", "<="):
        if text.startswith(f"{sign} "):
            return name + sign[0], text.removeprefix(f"{sign} ")
    return name, text
