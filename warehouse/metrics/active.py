"""Who is in a session as of the newest event loaded. Never looks at the filters' dates."""

from typing import TYPE_CHECKING

from etl.errors import ConfigError
from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.query import run

if TYPE_CHECKING:
    import polars as pl


def totals(wh: Warehouse, filters: Filters) -> "pl.DataFrame":
    """Users and sessions with an event in the live window, and all that are still open.

    Columns: live_user_count, live_session_count, open_user_count, open_session_count,
    as_of. Always one row; zeros when nobody is in a session.
    """
    return run(wh, "active.totals", filters, live_window=wh.setting("live_window"))


def sessions(wh: Warehouse, filters: Filters) -> "pl.DataFrame":
    """Open sessions, last activity first.

    Columns: session_id, user_id, start_time, end_time (last activity), idle_seconds (from
    there to as_of), duration_seconds, is_live, event_count, action_count, error_count,
    exit_page (where they are), device_type, model_group, session_number. No rows when no
    session is open.
    """
    return run(wh, "active.sessions", filters, live_window=wh.setting("live_window"))


def activity(
    wh: Warehouse, filters: Filters, minutes: int = 120, bucket: int = 5
) -> "pl.DataFrame":
    """Users and events in buckets of some minutes, up to the one that holds as_of.

    Columns: bucket_start (UTC, on the clock: 10:00, 10:05), user_count, event_count. The
    last bucket is still filling. One row per bucket, zeros where nothing happened; no rows
    when the build has no events.
    """
    if not 0 < bucket <= minutes:
        msg = f"Buckets of {bucket} minutes do not fit {minutes}. Give 1 to {minutes}."
        raise ConfigError(msg)
    return run(wh, "active.activity", filters, minutes=minutes, bucket=bucket)
