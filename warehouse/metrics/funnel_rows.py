"""The rows of a funnel: counts, rates and times out of the chains that were found."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from warehouse.filters import Filters
from warehouse.metrics.funnel import Funnel
from warehouse.metrics.funnel_events import FunnelEvents
from warehouse.metrics.sequences import Events, Flags, Reached, Rows
from warehouse.query import Grain

if TYPE_CHECKING:
    import polars as pl

_MICROSECONDS = 1_000_000
_TRUNCATED = {"day": "1d", "week": "1w", "month": "1mo"}


def step_rows(
    events: Events, funnel: Funnel, reached: Sequence[Reached], units: Flags | None = None
) -> "pl.DataFrame":
    """Count, rates and times of each step; of some units alone where they are flagged."""
    import polars as pl

    rows: list[dict[str, Any]] = []
    first = previous = None
    for number, (step, found) in enumerate(zip(funnel.steps, reached, strict=True), 1):
        rows_, begins = found.rows, found.begins
        if units is not None:
            is_in = units[events.unit[rows_]]
            rows_, begins = rows_[is_in], begins[is_in]
        count = len(rows_)
        first = count if first is None else first
        seconds = (events.time[rows_] - events.time[begins]) / _MICROSECONDS
        has_times = number > 1 and count > 0
        rows.append(
            {
                "step_number": number,
                "step": str(step),
                "count": count,
                "conversion_rate": count / first if first else None,
                "from_previous_rate": count / previous if previous else None,
                "median_seconds": float(np.quantile(seconds, 0.5)) if has_times else None,
                "p90_seconds": float(np.quantile(seconds, 0.9)) if has_times else None,
            }
        )
        previous = count
    return pl.DataFrame(
        rows,
        schema={
            "step_number": pl.Int64,
            "step": pl.String,
            "count": pl.Int64,
            "conversion_rate": pl.Float64,
            "from_previous_rate": pl.Float64,
            "median_seconds": pl.Float64,
            "p90_seconds": pl.Float64,
        },
    )


def by_value(
    found: FunnelEvents, funnel: Funnel, reached: Sequence[Reached], limit: int, *, is_list: bool
) -> "pl.DataFrame":
    """The steps of each of the first values, of the rest, and of all."""
    import polars as pl

    events = found.events
    # What the furthest chain of each unit began with: a later step takes the place of an earlier.
    began = np.full(events.unit[-1] + 1 if len(events) else 0, -1)
    for each in reached:
        began[events.unit[each.rows]] = each.begins
    units = np.flatnonzero(began >= 0)
    valued = pl.DataFrame({"unit": units, "value": found.told(began[units])["dimension_value"]})
    if is_list:
        valued = valued.explode("value")
    valued = valued.unique(maintain_order=True)
    ranked = (
        valued.group_by("value")
        .agg(n=pl.len())
        .sort("n", "value", descending=[True, False], nulls_last=True)["value"]
        .to_list()
    )
    shown, rest = ranked[:limit], ranked[limit:]
    # As in all breakdowns: values, the rest, what is not known, all.
    known = [value for value in shown if value is not None]
    groups: list[tuple[str | None, bool, bool, pl.DataFrame]] = [
        (value, False, False, valued.filter(pl.col("value") == value)) for value in known
    ]
    if rest:
        is_rest = pl.col("value").is_in(rest, nulls_equal=True)
        groups.append((None, True, False, valued.filter(is_rest)))
    if len(known) < len(shown):
        groups.append((None, False, False, valued.filter(pl.col("value").is_null())))
    groups.append((None, False, True, valued))
    frames = []
    for value, is_other, is_total, some in groups:
        flags = np.zeros(len(began), bool)
        flags[some["unit"].to_numpy()] = True
        frames.append(
            step_rows(events, funnel, reached, flags).with_columns(
                value=pl.lit(value, pl.String),
                is_other=pl.lit(is_other),
                is_total=pl.lit(is_total),
            )
        )
    return pl.concat(frames)


def trend_rows(
    found: FunnelEvents,
    entered: Rows,
    through: Rows,
    filters: Filters,
    as_of_date: date | None,
    grain: Grain,
) -> "pl.DataFrame":
    """Who entered in each period, and whose entry there leads through all steps."""
    import polars as pl

    told = {"entered_count": entered, "converted_count": through}
    dates = {name: found.told(rows)["event_date"] for name, rows in told.items()}
    counts = [
        pl.DataFrame({"unit": found.events.unit[rows], "day": dates[name]})
        .with_columns(period_start=pl.col("day").dt.truncate(_TRUNCATED[grain]))
        .group_by("period_start")
        .agg(pl.col("unit").n_unique().cast(pl.Int64).alias(name))
        for name, rows in told.items()
    ]
    days = dates["entered_count"].to_list()
    starts = []
    if days:
        newest = as_of_date or max(days)
        last = min(filters.end or newest, newest)
        first = filters.start or min(days)
        starts = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    listed = pl.DataFrame({"period_start": starts}, schema={"period_start": pl.Date})
    periods = listed.select(pl.col("period_start").dt.truncate(_TRUNCATED[grain]).unique().sort())
    for each in counts:
        periods = periods.join(each, on="period_start", how="left", maintain_order="left")
    count = pl.col("entered_count")
    return periods.with_columns(
        pl.col("entered_count", "converted_count").fill_null(0)
    ).with_columns(conversion_rate=pl.when(count > 0).then(pl.col("converted_count") / count))
