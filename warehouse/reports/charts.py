"""The line of a report over its days, weeks or months. Computes nothing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.metrics import normal, overview
from warehouse.metrics.compared import Before, Compare
from warehouse.query import Grain
from warehouse.reports.asked import Asked
from warehouse.reports.shapes import Chart, Point

# Up to so many days are told one by one, and up to so many by week.
_DAYS, _DAYS_BY_WEEK = 92, 731
_TITLES = {"day": "Sessions by day", "week": "Sessions by week", "month": "Sessions by month"}


def grain_of(filters: Filters) -> Grain:
    """By what a period is told, so that its line can be read."""
    count = filters.day_count or 0
    return "day" if count <= _DAYS else "week" if count <= _DAYS_BY_WEEK else "month"


def chart_of(
    wh: Warehouse,
    asked: Asked,
    compare: Compare | Filters,
    before: Before,
    effects: list[dict[str, Any]],
) -> Chart:
    """Sessions, beside those before and what is normal; days with a fault are marked."""
    grain = grain_of(asked.filters)
    values = overview.series(wh, asked.filters, "session_count", grain, compare)
    bands = normal.band(wh, asked.filters, ("session_count",), grain)
    by_start = {row["period_start"]: row for row in bands.iter_rows(named=True)}
    doubted = _days(effects) if grain == "day" else set()
    points = [
        Point(
            start=row["period_start"],
            value=row["value"],
            previous=row["previous_value"] if before.is_there else None,
            low=by_start[row["period_start"]]["session_count_low"],
            high=by_start[row["period_start"]]["session_count_high"],
            is_doubted=row["period_start"] in doubted,
        )
        for row in values.iter_rows(named=True)
        # A week or month that the period cuts would look like a fall.
        if grain == "day" or row["is_complete"]
    ]
    told = asked.period.before() if before.is_there else ""
    return Chart(_TITLES[grain], tuple(points), before=told, link=asked.page(wh))


def _days(effects: list[dict[str, Any]]) -> set[date]:
    """The days of the period on which the data has a fault."""
    return {
        row["first_date"] + timedelta(days=at)
        for row in effects
        if not row["is_before"]
        for at in range((row["last_date"] - row["first_date"]).days + 1)
    }
