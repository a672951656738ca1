"""Sessions one by one: which there are, and how many."""

from typing import TYPE_CHECKING

from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.query import run

if TYPE_CHECKING:
    import polars as pl


def count(wh: Warehouse, filters: Filters) -> "pl.DataFrame":
    """How many sessions the filters take.

    Column: session_count. Always one row; 0 when no session matches.
    """
    return run(wh, "sessions.count", filters)


def filtered(wh: Warehouse, filters: Filters) -> "pl.DataFrame":
    """The sessions that the filters take, in no order: what `dwell sql` has as filtered_sessions.

    Columns: those of user_sessions, hour and weekday of the start, and what metrics average, null
    where they leave a session out: bounced, had_error, abandoned, had_one_event, timed_seconds,
    timed_engaged_seconds. No rows when no session matches.
    """
    return run(wh, "sessions.filtered", filters)
