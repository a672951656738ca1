"""Users, their sessions, and the events of one session."""

from typing import TYPE_CHECKING

from etl.errors import refuse_unknown
from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.query import run

if TYPE_CHECKING:
    import polars as pl

ORDERS = (
    "last_event_time",
    "first_event_time",
    "session_count",
    "active_day_count",
    "avg_duration_seconds",
    "median_duration_seconds",
    "action_count",
    "error_count",
    "user_id",
    "pattern",
    "device_type",
)


def listing(
    wh: Warehouse,
    filters: Filters,
    search: str | None = None,
    order: str = "last_event_time",
    descending: bool = True,
    limit: int = 100,
    offset: int = 0,
) -> "pl.DataFrame":
    """Users with an event in the period, one page of them; nulls last, ties by user_id.

    `search` takes users whose id contains it, in any case. Columns: user_id, is_anonymous,
    pattern, session_count, active_day_count, last_event_time, first_event_time (both ever),
    avg_duration_seconds, median_duration_seconds, action_count, error_count, device_type
    (the latest ever). Counts and durations are of the period. No rows when no user matches.
    """
    refuse_unknown("order", order, ORDERS)
    return run(
        wh,
        "users.listing",
        filters,
        search=search or "",
        sort_key=order,
        descending=descending,
        row_limit=limit,
        row_offset=offset,
    )


def count(wh: Warehouse, filters: Filters, search: str | None = None) -> "pl.DataFrame":
    """How many users the listing holds on all its pages.

    Column: user_count. Always one row.
    """
    return run(wh, "users.count", filters, search=search or "")


def profile(wh: Warehouse, user_id: str) -> "pl.DataFrame":
    """One user, over all time, with the evidence for the pattern.

    Columns: all of `users`, pattern_session_count (closed sessions looked at),
    pattern_avg_duration_seconds, pattern_avg_actions, newest_session_errors. No rows when
    the user is unknown.
    """
    return run(wh, "users.profile", user_id=user_id)


def sessions(wh: Warehouse, user_id: str, filters: Filters | None = None) -> "pl.DataFrame":
    """Sessions of one user, newest first; all of them, bots' too, unless filters are given.

    Columns: all of `user_sessions`. No rows when the user is unknown or no session matches.
    """
    return run(wh, "users.sessions", filters or Filters(include_bots=True), user_id=user_id)


def session_events(wh: Warehouse, session_id: str) -> "pl.DataFrame":
    """Events of one session, in their order.

    Columns: event_number, event_time, seconds_since_start, gap_seconds (since the previous
    event, null for the first), idle_limit_seconds (the idle timeout of the build: the most
    that a gap adds to the engaged time), event_type, page, is_action, is_query, is_error,
    source, chat_id, properties. No rows when the session is unknown.
    """
    idle_limit = wh.setting("idle_timeout").total_seconds()
    return run(wh, "users.session_events", session_id=session_id, idle_limit=idle_limit)
