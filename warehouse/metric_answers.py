"""One metric as it is asked for by its name: of a period, by day, week, month, or by a dimension.

What `dwell query`, exports and programs that ask by name share. Computes nothing.
"""

from typing import TYPE_CHECKING, cast, get_args

from etl.errors import refuse_unknown
from warehouse.connection import Warehouse
from warehouse.dimensions import broken_down_by
from warehouse.filters import Filters
from warehouse.metrics import breakdowns, overview, registry
from warehouse.metrics.compared import Compare
from warehouse.query import Grain

if TYPE_CHECKING:
    import polars as pl

GRAINS = get_args(Grain)


def refuse_question(wh: Warehouse, metric: str, by: str | None) -> None:
    """ConfigError, with the known ones, for an unknown metric, grain or dimension."""
    refuse_unknown("metric", metric, registry.measures(wh))
    if by is not None and by not in GRAINS:
        values = (dimension.name for dimension in broken_down_by(wh.dimensions))
        refuse_unknown("--by", by, (*GRAINS, *values))


def metric_answer(
    wh: Warehouse,
    filters: Filters,
    metric: str,
    by: str | None = None,
    compare: Compare | None = None,
) -> "pl.DataFrame":
    """A metric of the filters' sessions, `by` nothing, a grain or a dimension.

    Columns: without `by` the metric, one row (compared: those of `overview.change`); by a grain
    those of `overview.series`, without previous_value unless it is compared; by a dimension those
    of `breakdowns.by`, all values, or of `breakdowns.change`. ConfigError for unknown names, and
    for a metric that cannot be compared.
    """
    import polars as pl

    refuse_question(wh, metric, by)
    if by is None:
        if compare is None:
            return overview.totals(wh, filters).select(metric)
        changes = overview.change(wh, filters, compare)
        refuse_unknown("metric to compare", metric, changes["metric"])
        return changes.filter(pl.col("metric") == metric)
    if by in GRAINS:
        series = overview.series(wh, filters, metric, cast(Grain, by), compare or "none")
        return series if compare else series.drop("previous_value")
    if compare:
        return breakdowns.change(wh, filters, by, (metric,), breakdowns.ALL, compare=compare)
    return breakdowns.by(wh, filters, by, (metric,), breakdowns.ALL)
