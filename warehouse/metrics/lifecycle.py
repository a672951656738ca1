"""Lifecycle: which users of a period are new, which came back, and which are missing."""

from typing import TYPE_CHECKING, get_args

from etl.errors import refuse_unknown
from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.metrics import data
from warehouse.metrics.calendar_periods import start_before
from warehouse.query import Grain, run

if TYPE_CHECKING:
    import polars as pl


def counts(wh: Warehouse, filters: Filters, period: Grain = "week") -> "pl.DataFrame":
    """Users of each day, week (from Monday) or month by when they were there before.

    Columns: period_start (local date; of the first, that of its whole week or month), new_count
    (their first event ever is of the period), returning_count (also there in the period before),
    resurrected_count (there before, not in the period before), dormant_count (there in the period
    before and missing in this one; positive). New, returning and resurrected add up to the users
    of the period, as overview.series tells them: a period that is cut short is of its days that
    are left. "Before" is all history, whatever the dates; the conditions hold for the sessions that
    a user was there in, not for the first event ever. One row per period, without gaps, up to the
    running one; no rows when the build is empty and the period open.
    """
    refuse_unknown("period", period, get_args(Grain))
    extent = data.extent(wh).row(0, named=True)
    first, last = filters.start or extent["min_date"], filters.end or extent["max_date"]
    return run(
        wh,
        "lifecycle.counts",
        filters,
        period=period,
        shown_from=first,
        shown_to=min((day for day in (last, wh.as_of_date) if day), default=None),
        first_date=first and start_before(first, period),
        last_date=last,
    )
