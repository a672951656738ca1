"""The headline numbers of a period. All are computed by query files; none in Python."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, get_args

from etl.errors import refuse_unknown
from warehouse import dimensions
from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.metrics import compared, data, moved_values, registry
from warehouse.metrics.compared import Compare
from warehouse.metrics.places import in_place
from warehouse.query import Grain, run

if TYPE_CHECKING:
    import polars as pl

# Those by which each session counts once, so that the counts of a breakdown add up.
DIMENSIONS = tuple(dimension for dimension in dimensions.DIMENSIONS if not dimension.is_list)
# What `daily` tells of a day, kept days of before a prune too.
DAILY = (
    *("session_count", "user_count", "avg_duration_seconds", "median_duration_seconds"),
    "bounce_rate",
)


def totals(wh: Warehouse, filters: Filters) -> "pl.DataFrame":
    """Headline numbers of the period.

    Columns: session_count, closed_session_count, open_session_count, user_count (users with
    an event on a day of the period), new_user_count, avg_duration_seconds,
    avg_duration_seconds_multi (without one-event sessions), median_duration_seconds,
    p90_duration_seconds, avg_engaged_seconds, actions_per_session, bounce_rate, error_rate,
    abandonment_rate, one_event_session_count, one_event_session_rate,
    suspect_session_count, then those of dwell.toml. Always one row; without sessions counts are
    0, rates, durations and metrics of dwell.toml null.
    """
    return run(wh, "overview.totals", filters, tuple(registry.measures(wh)))


def change(
    wh: Warehouse, filters: Filters, compare: Compare | Filters = "weekday"
) -> "pl.DataFrame":
    """Each headline metric with its change against an earlier period, by complete days.

    `compare` is "weekday" (the fewest whole weeks before), "previous" (the days right before),
    "year" (the same dates a year before), "none", or Filters of any other period and conditions.
    The running day is left out of `current`, and its counterpart out of `previous`; `value`
    is of the whole period. Columns: metric, value, current, previous, change, change_kind
    ("relative": share of previous, "points": difference of rates), better (1 when up is
    better, -1 when down is, else 0), current_start, current_end, previous_start,
    previous_end, is_covered (false when the data begins inside the previous period: the
    comparison is with fewer days), difference (current less previous). One row per metric, in
    the registry's order. Change is null when a side has no data, previous is 0, or the period
    is open at one end.
    """
    import polars as pl

    now, before = compared.complete_days(filters, compare, wh.as_of_date)
    whole = _first_row(totals(wh, filters))
    current = whole if now == filters else _first_row(totals(wh, now)) if now else {}
    previous = _first_row(totals(wh, before)) if before else {}
    first_date = _first_row(data.extent(wh))["min_date"]
    covered = compared.is_covered(before, first_date)
    rows = [
        {
            "metric": metric.name,
            "value": _number(whole[metric.name]),
            "current": _number(current.get(metric.name)),
            "previous": _number(previous.get(metric.name)),
            "change": _change(current.get(metric.name), previous.get(metric.name), metric.unit),
            "change_kind": "points" if metric.unit == "rate" else "relative",
            "better": metric.better,
            "current_start": now.start if now else None,
            "current_end": now.end if now else None,
            "previous_start": before.start if before else None,
            "previous_end": before.end if before else None,
            "is_covered": covered,
            "difference": _difference(current.get(metric.name), previous.get(metric.name)),
        }
        for metric in _headlines(wh)
    ]
    dates = ("current_start", "current_end", "previous_start", "previous_end")
    numbers = ("value", "current", "previous", "change", "difference")
    types: dict[str, Any] = {name: pl.Date for name in dates}
    types |= {name: pl.Float64 for name in numbers}
    return pl.DataFrame(rows, schema_overrides=types)


def series(
    wh: Warehouse,
    filters: Filters,
    metric: str,
    grain: Grain = "day",
    compare: Compare | Filters = "weekday",
) -> "pl.DataFrame":
    """One headline metric by day, week (from Monday) or month, beside the compared period.

    `compare` as of `change`; weeks and months meet whole ones: of "weekday" and "previous" as many
    before, of "year" those 52 weeks or 12 months before. Columns: period_start (local date; of the
    first, that of its whole week or month), value, previous_value (null while the period is open
    at one end, and before the data), is_complete (all its days are in the period, not pruned, and
    before the running day). One row per day, week or month, without gaps: one without sessions has
    a count of 0 or a null rate; one after the running day is null, which nobody knows yet. No rows
    when the build is empty and the period open.
    """
    import polars as pl

    refuse_unknown("metric", metric, registry.measures(wh))
    refuse_unknown("grain", grain, get_args(Grain))
    extent = _first_row(data.extent(wh))
    columns = ("period_start", metric, "is_complete")
    values = run(wh, "overview.series", filters, columns, grain=grain, **_ends(filters, extent))
    before = compared.in_grain(filters, compare, grain, values.height)
    earlier = pl.Series([], dtype=values[metric].dtype)
    if before is not None and extent["min_date"] is not None:
        told = run(wh, "overview.series", before, columns, grain=grain, **_ends(before, extent))
        known = pl.when(pl.col("period_start") >= extent["min_date"]).then(pl.col(metric))
        earlier = told.select(known)[metric]
    return values.select(
        "period_start",
        pl.col(metric).alias("value"),
        _beside(earlier, values.height, from_start=isinstance(compare, Filters)).alias(
            "previous_value"
        ),
        "is_complete",
    )


def daily(
    wh: Warehouse, filters: Filters, compare: Compare | Filters = "weekday"
) -> "pl.DataFrame":
    """Each local day of the period, beside its day of the compared period.

    `compare` as of `change`; of other Filters the first day stands beside the first. Columns:
    event_date, session_count, user_count (exact), avg_duration_seconds, median_duration_seconds,
    bounce_rate, is_complete (false for the running day and later ones), previous_date, and
    previous_ of each metric. One row per day, without gaps: a day without sessions has counts of 0
    and null rates, one after the running day is null. A period open at one end reaches to the
    data's, and has no previous one. No rows when the build is empty and the period open.
    """
    extent = _first_row(data.extent(wh))
    if isinstance(compare, Filters):
        return _daily_beside(wh, filters, compare, extent)
    ends = _ends(filters, extent)
    shift_days = compared.shift_of(filters, compare)
    earlier = filters.moved_back(timedelta(days=shift_days))
    # Open, or before all events: from the earliest on.
    both = replace(filters, start=earlier.start if earlier else None)
    columns = (
        *("event_date", *DAILY, "is_complete", "previous_date"),
        *(f"previous_{name}" for name in DAILY),
    )
    return run(
        wh,
        "overview.daily",
        both,
        columns,
        grain="day",
        shown_from=ends["first_date"],
        shown_to=ends["last_date"],
        shift_days=shift_days,
    )


def breakdown(wh: Warehouse, filters: Filters, dimension: str, limit: int = 10) -> "pl.DataFrame":
    """Sessions by one dimension, most sessions first, ties by alphabet, then Other and not known.

    Columns: value (null: not known), session_count, session_rate (share of all sessions of
    the period), the other metrics of the overview's tables (bounce_rate,
    median_duration_seconds), is_other (the one row of all values beyond `limit`). Counts add
    up to the period's session_count. No rows when no session matches.
    """
    import polars as pl

    one_valued = [d for d in dimensions.broken_down_by(wh.dimensions) if not d.is_list]
    chosen = dimensions.dimension_named(dimension, one_valued)
    measures = [name for name in registry.COLUMNS if name != "session_count"]
    columns = ("value", "session_count", *measures, "is_other")
    # The query of breakdowns.by, under names that were there before it.
    frame = in_place(run(wh, "breakdowns.by", filters, columns, dimension=chosen, row_limit=limit))
    sessions = pl.col("session_count")
    return frame.select(
        pl.when("is_other").then(pl.lit("Other")).otherwise("value").alias("value"),
        "session_count",
        # A column of sums: by one number, 49 of 49 are 0.9999999999999999.
        (sessions / sessions.sum().over(pl.lit(1))).alias("session_rate"),
        *measures,
        "is_other",
    )


def movers(
    wh: Warehouse,
    filters: Filters,
    metric: str = "session_count",
    limit: int = 20,
    compare: Compare | Filters = "weekday",
    without: Sequence[str] = (),
) -> "pl.DataFrame":
    """The values, of all dimensions but those `without`, that contribute most to a change.

    `metric` is a count of sessions, a rate or a mean (moved_values.MOVABLE); what a value
    contributes, and where that is taken from, says contributions.py. Periods as in `change`.
    Columns: dimension, value (null: not known), current, previous, change (of the value's own
    metric; null where a side has none), change_rate (by previous; null when that is 0),
    share_of_change (its contribution by the change of the whole; null when that did not change),
    contribution, current_n, previous_n
    (sessions that are counted or measured),
    is_beyond_chance (at 95 % for all values together). Those beyond chance come first, then the
    largest contributions, ties in the registry's order and by alphabet. A session with several
    values counts in each; a value that all sessions have is left out. No rows when there is
    nothing to compare: no complete day, a period open at one end, no data when the previous
    period begins, or a side without sessions.
    """
    return moved_values.of(wh, filters, metric, limit, compare, without)


def left_out(wh: Warehouse, filters: Filters) -> "pl.DataFrame":
    """How many sessions of the period the numbers leave out, by reason.

    Columns: bot_session_count (counted even while bots are left out), suspect_session_count
    (left out of durations), open_session_count (left out of rates). Always one row.
    """
    with_bots = replace(filters, include_bots=True)
    return run(wh, "overview.left_out", with_bots, count_bots=filters.include_bots)


def _ends(filters: Filters, extent: dict[str, Any]) -> dict[str, Any]:
    """The first and last day that are told: the data's where the period is open."""
    first, last = filters.start or extent["min_date"], filters.end or extent["max_date"]
    return {"first_date": first, "last_date": last}


def _beside(earlier: "pl.Series", height: int, *, from_start: bool) -> "pl.Series":
    """Values of the compared period, as many as there are rows, null where it has none.

    Counted from the end all stand right: where events could not be yet, there are fewer.
    """
    import polars as pl

    kept = earlier.head(height) if from_start else earlier.tail(height)
    missing = pl.Series(earlier.name, [None] * (height - kept.len()), dtype=earlier.dtype)
    return pl.concat([kept, missing] if from_start else [missing, kept])


def _daily_beside(
    wh: Warehouse, filters: Filters, other: Filters, extent: dict[str, Any]
) -> "pl.DataFrame":
    """The days of a period beside those of other Filters, first beside first."""
    import polars as pl

    days, before = daily(wh, filters, "none"), daily(wh, other, "none")
    is_known = pl.col("event_date") >= extent["min_date"]
    told = before.select(
        pl.col("event_date").alias("previous_date"),
        *(pl.when(is_known).then(pl.col(name)).alias(f"previous_{name}") for name in DAILY),
    )
    beside = [_beside(told[name], days.height, from_start=True) for name in told.columns]
    return days.with_columns(beside).select(days.columns)


def _headlines(wh: Warehouse) -> list[registry.Metric]:
    names = {metric.name for metric in registry.METRICS if metric not in registry.HEADLINES}
    return [metric for name, metric in registry.measures(wh).items() if name not in names]


def _first_row(frame: "pl.DataFrame") -> dict[str, Any]:
    return frame.row(0, named=True)


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)


def _difference(current: float | None, previous: float | None) -> float | None:
    return None if current is None or previous is None else float(current - previous)


def _change(current: float | None, previous: float | None, unit: str) -> float | None:
    if current is None or previous is None:
        return None
    if unit == "rate":
        return current - previous
    return None if previous == 0 else (current - previous) / previous
