"""What is normal: the band that the number of a day, or of a whole period, usually lies in."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from statistics import mean, stdev
from typing import TYPE_CHECKING, Any, get_args

from etl.errors import refuse_unknown
from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.metrics import data, overview, registry
from warehouse.query import Grain, run

if TYPE_CHECKING:
    import polars as pl

# How far back the days lie that tell what is normal.
_LIKE_DAYS = timedelta(weeks=8)
# So many periods tell what is normal; of fewer, nobody knows.
_LEAST = 4


def band(
    wh: Warehouse,
    filters: Filters,
    metrics: Sequence[str] = ("session_count",),
    grain: Grain = "day",
) -> "pl.DataFrame":
    """Headline metrics by day, week or month, each day with the band of what is normal for it.

    Normal is the mean of the eight same weekdays before, two standard deviations less and more:
    those whole days of the data, at least four of them. Columns: period_start, is_complete (both
    as of `overview.series`), session_count, and of each metric its value, `<metric>_low` and
    `<metric>_high` (null without four such days, by week and month, and of metrics of dwell.toml,
    whose limits nobody knows). One row per day, week or month, without gaps; after the running day
    null. No rows when the build is empty and the period open.
    """
    import polars as pl

    for metric in metrics:
        refuse_unknown("metric", metric, registry.measures(wh))
    refuse_unknown("grain", grain, get_args(Grain))
    told = (f"{metric}{end}" for metric in metrics for end in ("", "_low", "_high"))
    extent = data.extent(wh).row(0, named=True)
    first, last = filters.start or extent["min_date"], filters.end or extent["max_date"]
    earlier = filters.moved_back(_LIKE_DAYS if grain == "day" else timedelta(0))
    reach = earlier.start if earlier and earlier.start else first
    told_days = run(
        wh,
        "normal.band",
        replace(filters, start=earlier.start if earlier else None),
        tuple(dict.fromkeys(("period_start", "is_complete", "session_count", *told))),
        grain=grain,
        first_date=reach,
        last_date=last,
        shown_from=first,
    )
    own = [metric for metric in metrics if metric not in registry.TOTALS]
    return told_days.with_columns(
        pl.lit(None, pl.Float64).alias(f"{metric}{end}")
        for metric in own
        for end in ("_low", "_high")
    )


def of_period(wh: Warehouse, filters: Filters, earlier: Sequence[Filters | None]) -> "pl.DataFrame":
    """Headline metrics of a period, each with the band of what is normal among `earlier` ones.

    Normal is the mean of the earlier periods, two standard deviations less and more, as `band` has
    it for days; those count that lie whole in the data, before the running day, and have a value.
    Columns: metric, value (of the period), low and high (null without four such periods, and of
    metrics of dwell.toml, whose limits nobody knows), earlier (list of their values as they are
    given; null where a period is not whole, or has none). One row per metric of
    `overview.totals`, in its order.
    """
    import polars as pl

    now = overview.totals(wh, filters).row(0, named=True)
    first, running = data.extent(wh)["min_date"].item(), wh.as_of_date
    values = [
        overview.totals(wh, each).row(0, named=True)
        if each and _is_whole(each, first, running)
        else {}
        for each in earlier
    ]
    rows = []
    for metric in registry.measures(wh).values():
        told = [_number(row.get(metric.name)) for row in values]
        low, high = _limits(metric, [value for value in told if value is not None])
        value = _number(now[metric.name])
        rows.append((metric.name, value, low, high, told))
    numbers: dict[str, Any] = dict.fromkeys(("value", "low", "high"), pl.Float64)
    schema = {"metric": pl.String, **numbers, "earlier": pl.List(pl.Float64)}
    return pl.DataFrame(rows, schema, orient="row")


def _is_whole(filters: Filters, first: date | None, running: date | None) -> bool:
    """Whether the data has all days of the period."""
    if not (filters.start and filters.end and first and running):
        return False
    return first <= filters.start and filters.end < running


def _limits(metric: registry.Metric, known: list[float]) -> tuple[float | None, float | None]:
    if len(known) < _LEAST or metric.name not in registry.TOTALS:
        return None, None
    reach = 2 * stdev(known)
    high = mean(known) + reach
    return max(mean(known) - reach, 0.0), min(high, 1.0) if metric.unit == "rate" else high


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
