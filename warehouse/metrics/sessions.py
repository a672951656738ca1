"""Sessions one by one: how many there are, and which."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from etl.errors import refuse_unknown
from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.metrics.event_source import NOTHING, OF_SESSIONS
from warehouse.metrics.session_search import mentioned, run_over_found
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
    "alike",
    "count",
    "cuts",
    "event",
    "event_types",
    "events",
    "filtered",
    "mentions",
    "named",
    "neighbours",
    "one",
    "replay",
    "resolve",
    "runs",
    "search",
    "similar",
    "story",
    "turns",
]

# Among which sessions one is compared: of how long before as-of, and how many of these.
LIKENESS_WINDOW, MOST = timedelta(days=30), 100_000
# Columns of user_sessions that hold one number, time or text; lists have no order.
ORDERS = (
    *("start_time", "end_time", "duration_seconds", "engaged_seconds"),
    *("event_count", "action_count", "page_view_count", "distinct_page_count", "query_count"),
    *("error_count", "workflow_count", "chat_count", "session_number", "pattern_confidence"),
    *("session_id", "user_id", "device_type", "browser", "os", "entry_page", "exit_page"),
    *("entry_source", "campaign", "last_action", "exit_reason"),
    *("session_type", "experiment_id", "model_group", "pattern"),
)


def count(
    wh: Warehouse,
    filters: Filters,
    contains: Sequence[str] = (),
    text: str | None = None,
    show_texts: bool = False,
) -> "pl.DataFrame":
    """How many sessions the filters take, and the search holds on all its pages.

    Arguments as in the search. Column: session_count. Always one row; 0 when no session matches.
    """
    return run_over_found(wh, "sessions.count", filters, contains, text, show_texts=show_texts)


def search(
    wh: Warehouse,
    filters: Filters,
    contains: Sequence[str] = (),
    text: str | None = None,
    order_by: str = "start_time",
    descending: bool = True,
    limit: int | None = 50,
    offset: int = 0,
    show_texts: bool = False,
) -> "pl.DataFrame":
    """Sessions that the filters take, one page of them; nulls last, ties newest first.

    `contains` are steps of warehouse/patterns.py, all of which a session fulfils: ("prompt", "then
    model_response", "not copy", "ends logout"). "pattern: rephrased", or the name of a pattern of
    dwell.toml alone, takes the sessions that show it, "not pattern: rephrased" the others. `text`
    takes sessions of which an event's page, or the value of one of its properties, has that text in
    it, in any case; what people typed and were answered (typed_texts.py) only with `show_texts`.
    `order_by` is one of ORDERS; without `limit` come all. Columns: all of `user_sessions`. No rows
    when no session matches. ConfigError for steps and patterns that are none.
    """
    refuse_unknown("order", order_by, ORDERS)
    return run_over_found(
        wh,
        "sessions.search",
        filters,
        contains,
        text,
        show_texts=show_texts,
        sort_key=order_by,
        descending=descending,
        row_limit=limit,
        row_offset=offset,
    )


def mentions(
    wh: Warehouse, filters: Filters, text: str, show_texts: bool = False
) -> "pl.DataFrame":
    """Sessions with a text in the page of an event, or in the value of one of its properties.

    Whatever its case; what people typed and were answered only with `show_texts`. Columns:
    session_id, user_id, mention_count (events that have it), first_mention_time, latest first. No
    rows where nothing has it, nor for an empty text.
    """
    source = OF_SESSIONS if text else NOTHING
    frame = mentioned(wh, filters, text, source, show_texts=show_texts)
    return frame.drop("session_place")


def similar(wh: Warehouse, session_id: str, limit: int = 10) -> "pl.DataFrame":
    """Sessions that went the way of one session, the most alike first; ties newest first.

    Alike is the share that the two have in common of their sets of three event types in a row
    (Jaccard, https://en.wikipedia.org/wiki/Jaccard_index), repeats in a row taken once; a session
    with fewer than three has one such set. Looked at are other sessions of the last 30 days, at
    most the newest 100,000: `alike` says how many; bots only beside a bot. Columns: session_id,
    user_id, similarity (over 0, up to 1), shared_steps (the threes in common, in the order of the
    session asked for: "prompt > model_response > copy"). No rows when nothing is alike, or the
    session is unknown.
    """
    columns = ("session_id", "user_id", "similarity", "shared_steps")
    return run(wh, "sessions.similar", None, columns, **_likeness(session_id), row_limit=limit)


def named(wh: Warehouse, session_ids: Sequence[str]) -> "pl.DataFrame":
    """The sessions of these ids, in their order.

    Columns: all of `user_sessions`. No rows for ids that no session has.
    """
    return run(wh, "sessions.named", session_ids=list(session_ids))


def alike(wh: Warehouse, session_id: str, least: float = 0.5) -> "pl.DataFrame":
    """How many went the way of one session: those at least so alike, as `similar` has it.

    Columns: session_count, user_count (others than its own), looked_at_count (sessions that were
    compared), looked_at_from (start of the first of them; null when there is none). Always one row.
    """
    return run(wh, "sessions.alike", **_likeness(session_id), least=least)


def _likeness(session_id: str) -> dict[str, Any]:
    return {"session_id": session_id, "likeness_window": LIKENESS_WINDOW, "most_sessions": MOST}


def filtered(wh: Warehouse, filters: Filters) -> "pl.DataFrame":
    """The sessions that the filters take, in no order: what `dwell sql` has as filtered_sessions.

    Columns: those of user_sessions, hour and weekday of the start, and what metrics average, null
    where they leave a session out: bounced, had_error, abandoned, had_one_event, timed_seconds,
    timed_engaged_seconds. No rows when no session matches.
    """
    return run(wh, "sessions.filtered", filters)
