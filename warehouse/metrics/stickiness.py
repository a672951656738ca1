"""Stickiness: on how many days users come, and how many of a month's users a day has."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal, get_args

from etl.errors import refuse_unknown
from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.metrics import data
from warehouse.query import run

if TYPE_CHECKING:
    import polars as pl

Length = Literal["week", "month"]
# A month is four whole weeks: as many weekends in each.
DAYS = {"week": 7, "month": 28}


def days_active(wh: Warehouse, filters: Filters, period: Length = "week") -> "pl.DataFrame":
    """Users by how many of the last 7 days ("week", L7) or 28 ("month", L28) they were there on.

    The days end with the period of the filters, at the latest with the running day, and reach back
    as far as they do, also before its start. Columns: days (from 1), user_count. One row per number
    of days that some user has, by days; no rows without events on these days.
    """
    refuse_unknown("period", period, get_args(Length))
    last = _last_day(wh, filters)
    first = last and last - timedelta(days=DAYS[period] - 1)
    return run(wh, "stickiness.days_active", filters, first_date=first, last_date=last)


def ratios(wh: Warehouse, filters: Filters) -> "pl.DataFrame":
    """Users of each day, of the 7 and of the 28 days that end with it, and what share a day has.

    Columns: date (local), dau, wau, mau (users with an event on the day, in its 7, in its 28 days;
    these reach back before the dates), dau_mau, dau_wau (null where nobody came). One row per day
    of the period, up to the running one; no rows when the build is empty and the period open.
    """
    extent = data.extent(wh).row(0, named=True)
    first, last = filters.start or extent["min_date"], _last_day(wh, filters)
    return run(
        wh,
        "stickiness.ratios",
        filters,
        period="day",
        shown_from=first,
        first_date=first and first - timedelta(days=DAYS["month"] - 1),
        last_date=last,
    )


def _last_day(wh: Warehouse, filters: Filters) -> date | None:
    days = [day for day in (filters.end, wh.as_of_date) if day]
    return min(days, default=None)
