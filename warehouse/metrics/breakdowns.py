"""Sessions split by a dimension: any metrics, the rest and the total always told."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, get_args

from etl.errors import ConfigError, refuse_unknown
from warehouse.connection import Warehouse
from warehouse.dimensions import broken_down_by, dimension_named
from warehouse.filters import Filters
from warehouse.metrics import compared, data, intervals, registry
from warehouse.metrics.compared import Compare
from warehouse.metrics.places import cells_in_place, in_place
from warehouse.query import Grain, run

if TYPE_CHECKING:
    import polars as pl

# What tells one cell of a cross-tab from another.
_SIDES = (
    *("row_value", "column_value", "is_row_total", "is_column_total"),
    *("is_row_other", "is_column_other"),
)
# What tells one row of a breakdown from another.
_ROW = ("value", "is_other", "is_total")
# The limit that leaves no value to Other.
ALL = 2**62


def by(
    wh: Warehouse,
    filters: Filters,
    dimension: str,
    metrics: Sequence[str] = ("session_count",),
    limit: int = 10,
    search: str | None = None,
    values: Sequence[str | None] | None = None,
) -> "pl.DataFrame":
    """Metrics by the values of one dimension, most sessions first, ties by alphabet; then Other,
    what is not known, and the total.

    `metrics` are those of overview.totals and of dwell.toml; `search` narrows the shown values to
    those that contain the text, in any case; `values` shows these alone, whatever the limit;
    `limit=ALL` shows every value.

    Columns: value (null: not known; also of Other and the total), is_other (the row of all values
    that are not shown), is_total (the last row, equal to overview.totals), share (of all
    sessions), one column a metric, and `<metric>_low` and `<metric>_high` for rates (Wilson) and
    means (t) that are not of dwell.toml, 95 %. A session with several values counts in each, and
    once in Other. No rows when no session matches.
    """
    import polars as pl

    chosen = dimension_named(dimension, broken_down_by(wh.dimensions))
    names = _checked(wh, metrics)
    _check_limits(limit)
    measures = list(dict.fromkeys(("session_count", *names)))
    measures += [column for name in names for column in intervals.inputs_of(name)]
    shown = run(
        wh,
        "breakdowns.by",
        filters,
        ("value", "is_other", *measures),
        dimension=chosen,
        row_limit=limit if values is None else ALL,
        contains=search or None,
        named=None if values is None else list(values),
    )
    total = run(wh, "overview.totals", filters, measures).with_columns(
        value=pl.lit(None, pl.String), is_other=pl.lit(False)
    )
    if shown.is_empty():
        total = total.clear()
    frame = pl.concat(
        [
            shown.with_columns(is_total=pl.lit(False)),
            total.with_columns(is_total=pl.lit(True)),
        ],
        how="diagonal_relaxed",
    )
    sessions = pl.col("session_count")
    # A column, filled from the total below: polars divides by a single number as times its
    # reciprocal, by which 49 of 49 are 0.9999999999999999.
    whole = pl.when("is_total").then(sessions).backward_fill()
    frame = frame.with_columns(share=sessions / whole)
    columns = ["value", "is_other", "is_total", "share"]
    for name in names:
        columns.append(name)
        if intervals.has_interval(name):
            frame = intervals.with_interval(frame, name)
            columns += [f"{name}_low", f"{name}_high"]
    return in_place(frame.select(columns))


def change(
    wh: Warehouse,
    filters: Filters,
    dimension: str,
    metrics: Sequence[str] = ("session_count",),
    limit: int = 10,
    search: str | None = None,
    values: Sequence[str | None] | None = None,
    compare: Compare | Filters = "weekday",
) -> "pl.DataFrame":
    """The breakdown of `by`, each metric with its change against an earlier period.

    The change is of the same values, by complete days, as overview.change tells it. Columns:
    those of by, then `<metric>_current` (of the complete days), `<metric>_previous` and
    `<metric>_change` of each metric: a difference of rates, else a share of what it was before.
    They are null where there is nothing to compare with, the change also where the metric was 0. No
    rows when no session matches.
    """
    import polars as pl

    whole = by(wh, filters, dimension, metrics, limit, search, values)
    first_date = data.extent(wh)["min_date"].item()
    sides = compared.covered_days(filters, compare, wh.as_of_date, first_date)
    plain = whole.filter(~pl.col("is_other") & ~pl.col("is_total"))
    if limit < ALL:
        values = plain["value"].to_list()
    names = _checked(wh, metrics)
    units = {name: metric.unit for name, metric in registry.measures(wh).items()}
    frames = [
        by(wh, side, dimension, names, ALL, search, values).select(
            *_ROW, pl.col(names).name.suffix(end)
        )
        for side, end in zip(sides or (), ("_current", "_previous"), strict=False)
        if not whole.is_empty()
    ]
    if not frames:
        nothing = pl.lit(None, pl.Float64)
        return whole.with_columns(
            nothing.alias(f"{name}_{end}")
            for name in names
            for end in ("current", "previous", "change")
        )
    for frame in frames:
        whole = whole.join(frame, on=_ROW, how="left", nulls_equal=True, maintain_order="left")
    for name in names:
        now, before = pl.col(f"{name}_current"), pl.col(f"{name}_previous")
        if units[name] == "count" and name in registry.TOTALS:
            # A value that nobody had then has no row there.
            now, before = now.fill_null(0), before.fill_null(0)
        difference = now - before
        if units[name] != "rate":
            difference = pl.when(before != 0).then(difference / before)
        whole = whole.with_columns(
            now.cast(pl.Float64).alias(f"{name}_current"),
            before.cast(pl.Float64).alias(f"{name}_previous"),
            difference.cast(pl.Float64).alias(f"{name}_change"),
        )
    return whole


def known(wh: Warehouse, filters: Filters) -> "pl.DataFrame":
    """Of which dimensions something is known in the period.

    Columns: dimension, session_count (sessions with a value). One row per dimension that the build
    tells of, in the registry's order; zeros without sessions.
    """
    import polars as pl

    names = {each.name: each.column or each.name for each in broken_down_by(wh.dimensions)}
    lists = [names[each.name] for each in broken_down_by(wh.dimensions) if each.is_list]
    of_users = [each.name for each in broken_down_by(wh.dimensions) if each.scope == "user is"]
    counts = run(
        wh,
        "breakdowns.known",
        filters,
        all_columns=list(names.values()),
        list_columns=lists,
        user_columns=of_users,
    ).row(0, named=True)
    told = {name: counts[column] for name, column in names.items() if column in counts}
    return pl.DataFrame(
        {"dimension": list(told), "session_count": list(told.values())},
        schema={"dimension": pl.String, "session_count": pl.Int64},
    )


def value_count(wh: Warehouse, filters: Filters, dimension: str) -> "pl.DataFrame":
    """How many different values a dimension has in the period.

    Column: value_count (what is not known is no value). Always one row.
    """
    chosen = dimension_named(dimension, broken_down_by(wh.dimensions))
    return run(wh, "breakdowns.value_count", filters, dimension=chosen)


def crosstab(
    wh: Warehouse,
    filters: Filters,
    rows: str,
    columns: str,
    metric: str,
    limit: int = 10,
    column_limit: int = 10,
) -> "pl.DataFrame":
    """One metric by two dimensions at once, each side in the order of `by`.

    Columns: row_value, column_value (null: not known; also of Other and of totals), value,
    is_row_total (the cell is the total of its row), is_column_total (of its column; both: the
    total, equal to overview.totals), is_row_other, is_column_other (the cell is of the values
    beyond `limit` or `column_limit`), session_count. Every cell is counted by itself, so that
    rates, medians and users of the totals are exact. A session with several values counts in each
    of their cells, and once in Other and in the totals. A cell without sessions has a count of 0
    and a null rate. No rows when no session matches.
    """
    known = broken_down_by(wh.dimensions)
    sides = dimension_named(rows, known), dimension_named(columns, known)
    if sides[0] == sides[1]:
        msg = f"A cross-tab of '{rows}' with itself says nothing. Name two dimensions."
        raise ConfigError(msg)
    (metric,) = _checked(wh, (metric,))
    _check_limits(limit, column_limit)
    answer = run(
        wh,
        "breakdowns.crosstab",
        filters,
        tuple(dict.fromkeys((*_SIDES, metric, "session_count"))),
        dimension=sides[0],
        crossed=sides[1],
        row_limit=limit,
        column_limit=column_limit,
    )
    names = ("row_value", "column_value", "value", *_SIDES[2:], "session_count")
    return cells_in_place(answer.with_columns(value=metric).select(names))


def _check_limits(*limits: int) -> None:
    for limit in limits:
        if limit < 0:
            msg = f"A breakdown of {limit} values is none. Give 0 or more."
            raise ConfigError(msg)


def daily_by(
    wh: Warehouse, filters: Filters, dimension: str, grain: Grain = "day", limit: int = 5
) -> "pl.DataFrame":
    """Sessions by day, week or month, split by one dimension; they add up to those of each period.

    Columns: period_start (local date; of the first, that of its whole week or month), value (the
    `limit` with the most sessions in all of the period, ties by alphabet; null: not known),
    is_other (the one row of all other values), session_count (0 where the value is not there, null
    after the running day),
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
