"""Sessions split by a dimension: any metrics, the rest and the total always told."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, get_args

from etl.errors import ConfigError, refuse_unknown
from warehouse.connection import Warehouse
from warehouse.dimensions import broken_down_by, dimension_named
from warehouse.filters import Filters
from warehouse.metrics import intervals, registry
from warehouse.query import Grain, run

if TYPE_CHECKING:
    import polars as pl


def by(
    wh: Warehouse,
    filters: Filters,
    dimension: str,
    metrics: Sequence[str] = ("session_count",),
    limit: int = 10,
    search: str | None = None,
) -> "pl.DataFrame":
    """Metrics by the values of one dimension, most sessions first, ties by alphabet.

    `metrics` are those of overview.totals and of dwell.toml; `search` narrows the shown values to
    those that contain the text, in any case.

    Columns: value (null: not known; also of Other and the total), is_other (the row of all values
    that are not shown), is_total (the last row, equal to overview.totals), share (of all
    sessions), one column a metric, and `<metric>_low` and `<metric>_high` for rates (Wilson) and
    means (t) that are not of dwell.toml, 95 %. A session with several values counts in each, and
    once in Other. No rows when no session matches.
    """
    import polars as pl

    chosen = dimension_named(dimension, broken_down_by(wh.dimensions))
    names = _checked(wh, metrics)
    if limit < 0:
        msg = f"A breakdown of {limit} values is none. Give 0 or more."
        raise ConfigError(msg)
    measures = list(dict.fromkeys(("session_count", *names)))
    measures += [column for name in names for column in intervals.inputs_of(name)]
    values = run(
        wh,
        "breakdowns.by",
        filters,
        ("value", "is_other", *measures),
        dimension=chosen,
        row_limit=limit,
        contains=search or None,
    )
    total = run(wh, "overview.totals", filters, measures).with_columns(
        value=pl.lit(None, pl.String), is_other=pl.lit(False)
    )
    if values.is_empty():
        total = total.clear()
    frame = pl.concat(
        [
            values.with_columns(is_total=pl.lit(False)),
            total.with_columns(is_total=pl.lit(True)),
        ],
        how="diagonal_relaxed",
    )
    sessions = pl.col("session_count")
    frame = frame.with_columns(share=sessions / sessions.filter(pl.col("is_total")).first())
    columns = ["value", "is_other", "is_total", "share"]
    for name in names:
        columns.append(name)
        if intervals.has_interval(name):
            frame = intervals.with_interval(frame, name)
            columns += [f"{name}_low", f"{name}_high"]
    return frame.select(columns)


def daily_by(
    wh: Warehouse, filters: Filters, dimension: str, grain: Grain = "day", limit: int = 5
) -> "pl.DataFrame":
    """Sessions by day, week or month, split by one dimension; they add up to those of each period.

    Columns: period_start (local date; of the first, that of its whole week or month), value (the
    `limit` with the most sessions in all of the period, ties by alphabet; null: not known),
    is_other (the one row of all other values), session_count (0 where the value is not there),
    is_complete (all its days are in the period, not pruned, and before the running day). One row
    per period and value that the whole has, by period, then most sessions, Other, not known. No
    rows when no session matches.
    """
    one_valued = [each for each in broken_down_by(wh.dimensions) if not each.is_list]
    chosen = dimension_named(dimension, one_valued)
    refuse_unknown("grain", grain, get_args(Grain))
    return run(wh, "breakdowns.daily_by", filters, dimension=chosen, grain=grain, row_limit=limit)


def _checked(wh: Warehouse, metrics: Sequence[str]) -> list[str]:
    if isinstance(metrics, str):
        msg = f"metrics is the text '{metrics}'. Wanted a list, such as ('{metrics}',)."
        raise ConfigError(msg)
    known = registry.measures(wh)
    for name in metrics:
        refuse_unknown("metric", name, known)
    return list(dict.fromkeys(metrics))
