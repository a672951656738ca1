"""How well the application's tables stand in for a tracker, and what they tell where none was.

Tables of an application (posts, comments, searches) know when somebody did something, not that they
were there. Where both are known of the same users, sessions of these rows alone are held against
the tracked ones; where only the tables are, that says how far off they are. What each number means
stands in docs/definitions.md, "Tables in place of a tracker".
"""

from typing import TYPE_CHECKING, get_args

from etl.errors import refuse_unknown
from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.metrics.calendar_periods import start_of
from warehouse.metrics.proxy_ratio import learned, told
from warehouse.query import Grain
from warehouse.query import run as run_query

if TYPE_CHECKING:
    import polars as pl

# What the rows of all tables together are called.
ALL = "all"


def calibration(wh: Warehouse, filters: Filters) -> "pl.DataFrame":
    """How many tracked sessions the application's tables find, all together and by activity.

    Tracked: closed sessions of the filters as their tracked events alone make them, of users whom
    the tables know, from the first row of the tables to the last. A session is found when a session
    of rows lies no further from it than the timeout, and split when two or more do. Columns:
    activity ("all" first, then the event types of the tables, those that find most first),
    tracked_count (the same in all rows), found_count, split_count, missed_seconds_share (of the
    time of all tracked sessions, what no session of rows covers; null when they took no time). No
    rows when there is no row of a table.
    """
    return _run(wh, "proxy.calibration", filters)


def periods(wh: Warehouse, filters: Filters, grain: Grain = "week") -> "pl.DataFrame":
    """What the application's tables say that would have been tracked, by the days before as-of.

    Columns: period_start, is_proxy_only (nothing was tracked on any of its days),
    proxy_session_count (sessions of rows that began in it), tracked_session_count (null unless
    each of its days was tracked), session_count (those of rows times tracked ones a session of
    rows), low and high (95 % for what would have been tracked, from how far the days of which both
    are known lie off, or the weeks where 8 of them are whole; null, as session_count, of fewer than
    14 days). Only days with a session of
    either kind are looked at. No rows when there is no row of a table.
    """
    import polars as pl

    refuse_unknown("grain", grain, get_args(Grain))
    days = _run(wh, "proxy.days", filters)
    known = days.filter("is_tracked").select(
        "start_date", "tracked_session_count", "proxy_session_count"
    )
    ratio = learned(known.rows())
    frame = (
        days.with_columns(
            period_start=pl.col("start_date").map_elements(
                lambda day: start_of(day, grain), return_dtype=pl.Date
            )
        )
        .group_by("period_start", maintain_order=True)
        .agg(
            is_proxy_only=~pl.col("is_tracked").any(),
            proxy_session_count=pl.col("proxy_session_count").sum(),
            tracked_session_count=pl.when(pl.col("is_tracked").all()).then(
                pl.col("tracked_session_count").sum()
            ),
        )
    )
    rows = [told(ratio, count) for count in frame["proxy_session_count"]]
    return frame.with_columns(
        pl.Series(name, [row[place] for row in rows], dtype=pl.Float64)
        for place, name in enumerate(("session_count", "low", "high"))
    )


def _run(wh: Warehouse, name: str, filters: Filters) -> "pl.DataFrame":
    timeout = wh.setting("timeout")
    return run_query(
        wh,
        name,
        filters,
        all_activities=ALL,
        timeout_us=round(timeout.total_seconds() * 1e6),
    )
