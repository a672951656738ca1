"""What is normal: the band that a day's number usually lies in. Computed by its query file."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, get_args

from etl.errors import refuse_unknown
from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.metrics import data, registry
from warehouse.query import Grain, run

if TYPE_CHECKING:
    import polars as pl

# How far back the days lie that tell what is normal.
_LIKE_DAYS = timedelta(weeks=8)


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
