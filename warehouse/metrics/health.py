"""What was loaded, what was refused and why, and where the data itself looks broken."""

from typing import TYPE_CHECKING, Literal, get_args

from etl.errors import ConfigError, refuse_unknown
from warehouse import build_history
from warehouse.condition_sql import conditions_sql
from warehouse.conditions import NO_CONDITIONS
from warehouse.connection import Warehouse
from warehouse.dimensions import FILTERS
from warehouse.filters import Filters
from warehouse.query import has_table, run

if TYPE_CHECKING:
    import polars as pl

# What `faults` finds, the gravest first, and what a reader calls it.
FAULT_NAMES = {
    "outage": "Outage",
    "clock_skew": "Wrong clock",
    "future_dates": "Future dates",
    "duplicate_storm": "Doubled events",
    "bot_storm": "Robots",
    "missing_ends": "Missing ends",
    "heartbeat_gaps": "Missing heartbeats",
}
FAULTS = tuple(FAULT_NAMES)
# What users are put in order by, most first.
Order = Literal["event_count", "session_count"]


def loads(wh: Warehouse) -> "pl.DataFrame":
    """Every file load, newest first.

    Columns: all of `load_runs`. No rows when nothing was loaded.
    """
    return run(wh, "health.loads")


def rejected(wh: Warehouse) -> "pl.DataFrame":
    """Rejected rows by source, file and reason, most rows first.

    Columns: all of `rejected_summary`. No rows when nothing was rejected.
    """
    return run(wh, "health.rejected")


def faults(wh: Warehouse) -> "pl.DataFrame":
    """What looks like a fault of the data and not of its users, earliest first.

    Columns: kind (one of FAULTS; docs/definitions.md has the rule of each), source, first_date,
    last_date (local days; a run of days is one row), evidence (in words). All but future_dates
    compare a day with its weekday in the 8 weeks before and after: never judged are the running
    day, a source's first 4 weeks, and weekdays of too few sessions. No rows when nothing looks like
    one, and in a build that was made before Dwell counted the days of its sources.
    """
    import polars as pl

    if has_table(wh, "source_days"):
        return run(wh, "health.faults")
    texts = dict.fromkeys(("kind", "source"), pl.String)
    days = dict.fromkeys(("first_date", "last_date"), pl.Date)
    return pl.DataFrame(schema={**texts, **days, "evidence": pl.String})


def effect(wh: Warehouse, filters: Filters | None = None) -> "pl.DataFrame":
    """What the days of each fault do to the headline numbers: with these days, and without them.

    Numbers are those of the filters, within their period, which may be open at one end; without
    one, within the days of the fault and the four weeks before. Days before a prune are in none.
    In the order of `faults`, those whose source fulfils what the filters ask of sources.
    Columns: those of `faults`, period_start, period_end, then each with and without the days
    (`..._without`): day_count, session_count, user_count (with an event on these days),
    median_duration_seconds and bounce_rate (null without sessions). A day is left out
    whole, also what other sources have of it. No rows when nothing looks like a fault; ConfigError
    in a build that was made before Dwell counted the days of its sources.
    """
    filters = filters or Filters()
    # Of a fault its source is known, and nothing else that a condition may ask for.
    asked = (each.only("source") for each in (filters.where, *filters.segments))
    holds, values = conditions_sql(NO_CONDITIONS, FILTERS, tuple(asked), begin="fault_")
    return run(wh, "health.effect", filters, words={"source_holds": holds}, **values)


def sources(wh: Warehouse) -> "pl.DataFrame":
    """What became of the rows of each source, how late they came, by name.

    Columns: source, formats, file_count, failed_count (files that the build knows as failed),
    read_count, loaded_count, duplicate_count, rejected_count, rejected_rate (of those read; null
    when none were), late_count (events of files that came when later ones of the source were there
    already: the last event of the file is older than what was known), first_event_time,
    last_event_time, last_loaded_at, last_lag_seconds and median_lag_seconds (from a file's last
    event to its load), ahead_seconds (how far the last event of a file was ahead of its load at
    most: the clock of whoever sent it; 0 when never), changed_file_count (files whose fields were
    not those of the one before), doubted_file_count. No rows when nothing was loaded.
    """
    return run(wh, "health.sources")


def coverage(wh: Warehouse) -> "pl.DataFrame":
    """Events of each source by local day, bots too, without a hole from its first day to its last.

    Columns: source, date, event_count, is_gap (not one event on the day; that there are far fewer
    than usual is told by `faults`). Days before a prune are not told. No rows without events.
    """
    return run(wh, "health.coverage")


def unusual(wh: Warehouse) -> "pl.DataFrame":
    """How many sessions and users are worth a second look, over all days.

    Columns: session_count, suspect_count (longer than 24 h), zero_second_count, one_event_count,
    user_count, one_event_user_count, all without bots, and bot_session_count. Always one row.
    """
    return run(wh, "health.unusual")


def heaviest(wh: Warehouse, order_by: Order = "event_count", limit: int = 10) -> "pl.DataFrame":
    """Users with the most events, or sessions, of all days; bots are among them.

    Columns: user_id, is_bot, session_count, event_count, event_share and session_share (of all
    users), active_day_count, first_event_time, last_event_time. No rows in an empty build.
    """
    refuse_unknown("order", order_by, get_args(Order))
    return run(wh, "health.heaviest", order_by=order_by, row_limit=_size("limit", limit))


def unjoined(wh: Warehouse) -> "pl.DataFrame":
    """Pairs of ids that were seen as one, and are two persons: both log in by themselves.

    Columns: source, anonymous_id, user_id, first_time, last_time, event_count (with both ids),
    interval_count. Most events first. No rows when there is no such pair.
    """
    return run(wh, "health.unjoined")


def rejected_rows(
    wh: Warehouse,
    source: str | None = None,
    reason: str | None = None,
    file: str | None = None,
    limit: int | None = 100,
    offset: int = 0,
) -> "pl.DataFrame":
    """Rows that could not be events, as they were received, those that came last first.

    They are read from the lake as it is now, and all of them with `limit=None`. Columns: source,
    file, line, reason, raw (null of rows before a prune, whose text is not kept), loaded_at (UTC).
    No rows when nothing was rejected, or nothing that these words choose.
    """
    # Who only opens a build needs nothing of the lake.
    from warehouse import home_rows

    size = None if limit is None else _size("limit", limit)
    return home_rows.rejected_rows(
        wh.home, source, reason, file, size, _size("offset", offset, least=0)
    )


def time_shapes(wh: Warehouse) -> "pl.DataFrame":
    """What the times and columns of each source were read as, from the lake as it is now.

    Columns: source, file_count, times (column=shape), columns (role=column, of those that are not
    called so), older_file_count (files read by older rules). No rows when nothing was loaded.
    """
    from warehouse import home_rows

    return home_rows.time_shapes(wh.home)


def failing(wh: Warehouse) -> "pl.DataFrame":
    """Files whose last load failed, or that hold no event, as it is now; newest first.

    A build knows of those alone that failed before it was made. Columns: source, file, message,
    failed_at (UTC). No rows when none fails.
    """
    import polars as pl

    from etl.load import outcome

    names = ("source", "file", "message", "failed_at")
    rows = [[str(note.get(name) or "") for name in names] for note in outcome.failures(wh.home)]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    times = pl.col("failed_at").str.to_datetime(time_zone="UTC", strict=False)
    return frame.with_columns(times.dt.replace_time_zone(None)).sort(
        "failed_at", descending=True, nulls_last=True, maintain_order=True
    )


def builds(wh: Warehouse) -> "pl.DataFrame":
    """The builds that are kept, and those before them as far as it was noted; newest first.

    Columns: build, built_at (UTC), reason (in words), events, sessions, is_kept (it can be opened,
    pinned and compared), is_increment (it went on from the one before; null where that is not
    known), batches (loaded files it is made of), batches_added, events_added and sessions_added
    (against the build before; null where that is not known), as_of (UTC), seconds (what the making
    took). Never no rows: the open build is one, while it is kept.
    """
    return build_history.builds(wh.home)


def checks(wh: Warehouse) -> "pl.DataFrame":
    """What the checks came to when this build was made. One with a bad row is not published.

    Columns: check, subject (the table), sentence, bad_row_count, seconds. No rows in a build that
    was made before Dwell noted them.
    """
    return build_history.checks(wh.home, wh.build)


def refused(wh: Warehouse) -> "pl.DataFrame":
    """Builds that a check refused since the newest one was published, newest first.

    Columns: refused_at (UTC), message. No rows when the newest build is of all that was loaded.
    """
    return build_history.refused(wh.home)


def build_diff(wh: Warehouse, other: "Warehouse | int") -> "pl.DataFrame":
    """What differs between an earlier build, `other`, and this one: row by row, by day and source.

    `other` is the number of a kept build, or an open one of the same home. Columns: table, date
    (local day of the row; null in tables without one), source (null where a row is not of one
    source alone), before and after (rows of that table, day and source in either build), added and
    removed (rows that are in one of them alone, with all that they say; a row that says something
    else now is one of each). `user_key` is left out: it may be another in each build. Days and
    sources without a difference have no row. No rows when both say the same.
    """
    return build_history.changed_rows(wh, build_history.number_of(other))


def build_changes(wh: Warehouse, other: "Warehouse | int") -> "pl.DataFrame":
    """What this build says of each day that an earlier one, `other`, said otherwise; newest first.

    Columns: date, sentence ("3 Nov 2026: +120 events late from web, 14 sessions merged, bounce
    33.0 → 32.8 %"), is_late (the day was over when the earlier build was made), events_added and
    events_removed (by their ids), sources (a list of source, added, removed), sessions_merged and
    sessions_split (sessions whose events are in fewer, or more, now), sessions_before and
    sessions_after, bounce_before and bounce_after, median_before and median_after. No rows when
    no day changed.
    """
    return build_history.changed_days(wh, build_history.number_of(other))


def _size(name: str, value: int, least: int = 1) -> int:
    if value < least:
        msg = f"{name} is {value}. Wanted: {least} or more."
        raise ConfigError(msg)
    return value
