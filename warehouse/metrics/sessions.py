"""Sessions one by one: how many there are, and which."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from etl.errors import ConfigError, refuse_unknown
from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.metrics.session_story import cuts as cuts
from warehouse.metrics.session_story import event as event
from warehouse.metrics.session_story import event_types as event_types
from warehouse.metrics.session_story import events as events
from warehouse.metrics.session_story import neighbours as neighbours
from warehouse.metrics.session_story import one as one
from warehouse.metrics.session_story import replay as replay
from warehouse.metrics.session_story import resolve as resolve
from warehouse.metrics.session_story import runs as runs
from warehouse.metrics.session_story import story as story
from warehouse.metrics.session_story import turns as turns
from warehouse.query import run

if TYPE_CHECKING:
    import polars as pl

# What is a metric of sessions, wherever it is written down.
__all__ = [
    "count",
    "cuts",
    "event",
    "event_types",
    "events",
    "filtered",
    "neighbours",
    "one",
    "replay",
    "resolve",
    "runs",
    "search",
    "story",
    "turns",
]

# Columns of user_sessions that hold one number, time or text; lists have no order.
ORDERS = (
    *("start_time", "end_time", "duration_seconds", "engaged_seconds"),
    *("event_count", "action_count", "page_view_count", "distinct_page_count", "query_count"),
    *("error_count", "workflow_count", "chat_count", "session_number", "pattern_confidence"),
    *("session_id", "user_id", "device_type", "browser", "os", "entry_page", "exit_page"),
    *("entry_source", "campaign", "last_action", "exit_reason"),
    *("session_type", "experiment_id", "model_group", "pattern"),
)


def count(wh: Warehouse, filters: Filters, text: str | None = None) -> "pl.DataFrame":
    """How many sessions the filters take, and the search holds on all its pages.

    `text` as in the search. Column: session_count. Always one row; 0 when no session matches.
    """
    return run(wh, "sessions.count", filters, search=text or "")


def search(
    wh: Warehouse,
    filters: Filters,
    contains: Sequence[str] = (),
    text: str | None = None,
    order_by: str = "start_time",
    descending: bool = True,
    limit: int | None = 50,
    offset: int = 0,
) -> "pl.DataFrame":
    """Sessions that the filters take, one page of them; nulls last, ties newest first.

    `text` takes sessions of which a part of the session's id, the user's id, the entry page or
    the exit page is that text, in any case; pages in between are not looked at. `order_by` is one
    of ORDERS; without `limit` come all. `contains`, steps that a session must hold, cannot be
    asked yet. Columns: all of `user_sessions`. No rows when no session matches.
    """
    if contains:
        msg = (
            f"contains is {contains!r}: sessions cannot be searched by their steps yet. "
            "Leave it out, and narrow by filters or text."
        )
        raise ConfigError(msg)
    refuse_unknown("order", order_by, ORDERS)
    return run(
        wh,
        "sessions.search",
        filters,
        search=text or "",
        sort_key=order_by,
        descending=descending,
        row_limit=limit,
        row_offset=offset,
    )


def filtered(wh: Warehouse, filters: Filters) -> "pl.DataFrame":
    """The sessions that the filters take, in no order: what `dwell sql` has as filtered_sessions.

    Columns: those of user_sessions, hour and weekday of the start, and what metrics average, null
    where they leave a session out: bounced, had_error, abandoned, had_one_event, timed_seconds,
    timed_engaged_seconds. No rows when no session matches.
    """
    return run(wh, "sessions.filtered", filters)
