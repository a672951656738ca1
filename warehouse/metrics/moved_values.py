"""The values that contribute most to the change of a metric from one period to another."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from etl.errors import ConfigError
from warehouse.connection import Warehouse
from warehouse.dimensions import Dimension, broken_down_by, dimension_named
from warehouse.every_dimension import measures
from warehouse.filters import Filters
from warehouse.metrics import compared, data, registry
from warehouse.metrics.compared import Compare
from warehouse.metrics.contributions import DIGITS, contributions, no_contributions
from warehouse.query import columns_of_sessions, run

if TYPE_CHECKING:
    import polars as pl

# Those that are sums over sessions, or means of them: what contributes to their change can be told.
MOVABLE = tuple(name for name in registry.TOTALS if name in measures())

# Seen from as-of: they say when a user came, so that one period and the next never compare.
LEFT_OUT = ("cohort_month", "activity_level")


def of(
    wh: Warehouse,
    filters: Filters,
    metric: str,
    limit: int,
    compare: Compare | Filters,
    without: Sequence[str],
) -> "pl.DataFrame":
    """The answer of overview.movers."""
    import polars as pl

    if metric not in MOVABLE:
        msg = (
            f"What contributes to a change of '{metric}' cannot be told: it does not add up over "
            f"sessions. Of these it can: {', '.join(MOVABLE)}."
        )
        raise ConfigError(msg)
    if limit < 0:
        msg = f"A list of {limit} values is none. Give 0 or more."
        raise ConfigError(msg)
    looked_at = dimensions_of(wh, without)
    first_date = data.extent(wh)["min_date"].item()
    sides = compared.covered_days(filters, compare, wh.as_of_date, first_date)
    if sides is None:
        return no_contributions()
    current, previous = (
        run(wh, "overview.movers", side, measure=metric, dimensions=looked_at) for side in sides
    )
    is_count = registry.BY_NAME[metric].unit == "count"
    order = {dimension.name: at for at, dimension in enumerate(looked_at)}
    return (
        contributions(current, previous, is_count=is_count)
        .sort(
            "is_beyond_chance",
            pl.col("contribution").abs().round(DIGITS),
            pl.col("dimension").replace_strict(order, return_dtype=pl.Int32),
            "value",
            descending=[True, True, False, False],
        )
        .head(limit)
    )


def dimensions_of(wh: Warehouse, without: Sequence[str]) -> tuple[Dimension, ...]:
    """The dimensions that a build has: it may be older than some."""
    dimensions = broken_down_by(wh.dimensions)
    for name in without:
        dimension_named(name, dimensions)
    known = columns_of_sessions(wh)
    return tuple(
        dimension
        for dimension in dimensions
        if dimension.name not in without
        and (dimension.scope == "user is" or (dimension.column or dimension.name) in known)
    )
