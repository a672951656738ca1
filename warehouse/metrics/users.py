"""Users, their sessions and days, where they stand among others, and the events of one session."""

from datetime import date
from typing import TYPE_CHECKING

from etl.errors import refuse_unknown
from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.metrics.session_story import events
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
# Measures of users that the registry does not have, in words and with their unit.
OWN_MEASURES = {
    "active_day_count": ("Active days", "count"),
    "engaged_seconds": ("Engaged, total", "seconds"),
    "action_count": ("Actions", "count"),
    "error_count": ("Errors", "count"),
}
# What the sessions of one user are ordered by.
SESSION_ORDERS = (
    *("start_time", "duration_seconds", "action_count", "error_count"),
    *("session_type", "exit_reason"),
)
# Bars of a session have room for so many marks.
MOST_MARKS = 60
# Of one user everything is told, unless filters are given.
_EVERY = Filters(include_bots=True)


def listing(
    wh: Warehouse,
    filters: Filters,
    search: str | None = None,
    order: str = "last_event_time",
    descending: bool = True,
    limit: int | None = 100,
    offset: int = 0,
) -> "pl.DataFrame":
    """Users with an event in the period, one page of them; nulls last, ties by user_id.

    Without `limit` come all. `search` takes users whose id contains it, in any case. Columns:
    user_id, is_anonymous, pattern, session_count, active_day_count, last_event_time,
    first_event_time (both ever), avg_duration_seconds, median_duration_seconds, action_count,
    error_count, device_type (the latest ever), first_model_group, last_model_group (of the first
    and the last session ever that tells one), and the evidence for the pattern as in `profile`.
    Counts and durations are of the period. No rows when no user matches.
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
    pattern_avg_duration_seconds, pattern_avg_actions, newest_session_errors, first_model_group
    (of the first session that tells one). No rows when the user is unknown.
    """
    return run(wh, "users.profile", user_id=user_id)


def sessions(
    wh: Warehouse,
    user_id: str,
    filters: Filters | None = None,
    event: str | None = None,
    session_id: str | None = None,
    order: str = "start_time",
    descending: bool = True,
    limit: int | None = None,
    offset: int = 0,
) -> "pl.DataFrame":
    """Sessions of one user, newest first; all of them, bots' too, unless filters are given.

    Those with an event of the type alone, or the one of that id; `order` is one of
    SESSION_ORDERS, nulls last, ties newest first. Columns: all of `user_sessions`. No rows when
    the user is unknown or no session matches.
    """
    refuse_unknown("order", order, SESSION_ORDERS)
    return run(
        wh,
        "users.sessions",
        filters or _EVERY,
        user_id=user_id,
        event=event,
        session_id=session_id,
        sort_key=order,
        descending=descending,
        row_limit=limit,
        row_offset=offset,
    )


def days(wh: Warehouse, user_id: str, event: str | None = None) -> "pl.DataFrame":
    """The local days on which sessions of one user began, oldest first; bots' too.

    `event` takes sessions with an event of that type. Columns: date, session_count,
    duration_seconds (sum without sessions over 24 h; null when there is no other), error_count.
    No rows when the user is unknown or no session matches.
    """
    return run(wh, "users.days", _EVERY, user_id=user_id, event=event)


def event_types(wh: Warehouse, user_id: str) -> "pl.DataFrame":
    """The types of one user's events, those of the most sessions first; ties by alphabet.

    Columns: event_type, session_count. No rows when the user is unknown.
    """
    return run(wh, "users.event_types", _EVERY, user_id=user_id)


def event_marks(
    wh: Warehouse,
    user_id: str,
    start: date,
    end: date,
    event: str | None = None,
    limit: int | None = None,
) -> "pl.DataFrame":
    """Where in one user's sessions the events lie, of sessions that began on days of the range.

    Each session is cut into MOST_MARKS parts of one length; a part with events is a row. `event`
    takes sessions with an event of that type, `limit` the newest so many sessions. Columns:
    session_id, place (0 to 1: of the part's first event between the session's start and end),
    event_count, error_count, chosen_count (of the type; 0 without one). No rows when no session
    matches.
    """
    filters = Filters(start=start, end=end, include_bots=True)
    return run(
        wh,
        "users.event_marks",
        filters,
        user_id=user_id,
        event=event,
        most=MOST_MARKS,
        row_limit=limit,
    )


def percentiles(wh: Warehouse, filters: Filters, user_id: str) -> "pl.DataFrame":
    """Where one user stands among all with a session of the filters, metric by metric.

    A percentile is from 0 to 100: the share of users whose value is lower, plus half of those
    with the same, the user too, as scipy's percentileofscore has it for kind="mean". Users of
    whom a value is not known are left out. Columns: metric, value (rates from 0 to 1),
    percentile (null without a value), cohort_percentile (among users whose first event ever is
    of the same month), median (of all these users). No rows when the user is unknown or has no
    session of the filters.
    """
    return run(wh, "users.percentiles", filters, user_id=user_id)


def identities(wh: Warehouse, user_id: str) -> "pl.DataFrame":
    """When which anonymous id belonged to one user, or the user's own id to another; by time.

    Columns: all of `identities`. No rows when the user is unknown or no ids were joined.
    """
    return run(wh, "users.identities", user_id=user_id)


def session_events(wh: Warehouse, session_id: str) -> "pl.DataFrame":
    """Events of one session, in their order.

    Columns: event_number, event_time, seconds_since_start, gap_seconds (since the previous
    event, null for the first), idle_limit_seconds (the idle timeout of the build: the most
    that a gap adds to the engaged time), event_type, page, is_action, is_query, is_error,
    source, chat_id, properties. No rows when the session is unknown.
    """
    return events(wh, session_id)
