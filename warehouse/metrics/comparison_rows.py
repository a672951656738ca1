"""The rows of a comparison: each group beside the baseline. Never asks the warehouse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from etl.errors import refuse_unknown
from warehouse.metrics.differences import Difference, difference, holm
from warehouse.metrics.estimates import NOTHING, Estimate, of_ratio, of_share
from warehouse.metrics.verdicts import SampleRatio, is_decided, verdict

if TYPE_CHECKING:
    import polars as pl

    from warehouse.metrics.group_estimates import Measured
    from warehouse.metrics.registry import Metric


_COLUMNS = {
    **{"metric": "String", "group": "String", "user_count": "Int64", "session_count": "Int64"},
    **dict.fromkeys(("value", "low", "high"), "Float64"),
    **dict.fromkeys(("difference", "difference_low", "difference_high"), "Float64"),
    **dict.fromkeys(("p_value", "p_adjusted"), "Float64"),
    **{"is_decided": "Boolean", "verdict": "String"},
    **dict.fromkeys(("relative_difference", "relative_low", "relative_high"), "Float64"),
    "detectable_difference": "Float64",
}


def compared(
    rows: Sequence[Measured],
    names: Sequence[str],
    metrics: Mapping[str, Metric],
    baseline: str | None = None,
    ratio: SampleRatio | None = None,
    *,
    always_valid: bool = False,
) -> pl.DataFrame:
    """The columns of compare.groups: the cells of each metric, in fours where there are four names.

    ConfigError for a baseline that is none of the groups.
    """
    import polars as pl

    at = _place(names, baseline)
    sets = [rows[first : first + len(names)] for first in range(0, len(rows), len(names) or 1)]
    told = [
        (
            row,
            each[at],
            Difference() if row is each[at] else _difference(row, each[at], always_valid),
        )
        for each in sets
        for row in each
    ]
    adjusted = holm([found.p_value for _, _, found in told])
    listed = [
        _row(row, base, found, p, names, metrics[row.metric], ratio)
        for (row, base, found), p in zip(told, adjusted, strict=True)
    ]
    return pl.DataFrame(
        listed, schema={name: getattr(pl, kind) for name, kind in _COLUMNS.items()}, orient="row"
    )


def cumulated(
    days: pl.DataFrame,
    names: Sequence[str],
    baseline: str | None,
    *,
    may_be_shares: bool,
    always_valid: bool,
) -> pl.DataFrame:
    """The columns of compare.trend, out of those of its query.

    Of a rate by session each row may be a share, as in compare.groups.
    ConfigError for a baseline that is none of the groups.
    """
    import polars as pl

    first = _place(names, baseline) + 1
    sums = {(row["start_date"], row["cell_number"]): row for row in days.iter_rows(named=True)}
    estimates = {place: _estimate(row, may_be_shares=may_be_shares) for place, row in sums.items()}
    rows = []
    for (day, cell), each in estimates.items():
        base = NOTHING if cell == first else estimates.get((day, first), NOTHING)
        told = difference(each, base, always_valid=always_valid)
        ends = (told.value, told.low, told.high)
        rows.append((day, names[cell - 1], each.units, each.value, *ends))
    numbers = ("value", "difference", "difference_low", "difference_high")
    schema = {"date": pl.Date, "group": pl.String, "unit_count": pl.Int64}
    return pl.DataFrame(rows, {**schema, **dict.fromkeys(numbers, pl.Float64)}, orient="row")


def _place(names: Sequence[str], baseline: str | None) -> int:
    if not names or baseline is None:
        return 0
    refuse_unknown("baseline", baseline, names)
    return names.index(baseline)


def _estimate(sums: Mapping[str, Any], *, may_be_shares: bool) -> Estimate:
    if may_be_shares and sums["are_shares"]:
        return of_share(sums["x"], round(sums["y"]))
    return of_ratio(sums["x"], sums["y"], sums["s"], sums["n"])


def _difference(row: Measured, base: Measured, always_valid: bool) -> Difference:
    return difference(row.estimate, base.estimate, always_valid=always_valid)


def _row(
    row: Measured,
    base: Measured,
    found: Difference,
    p_adjusted: float | None,
    names: Sequence[str],
    metric: Metric,
    ratio: SampleRatio | None,
) -> tuple[Any, ...]:
    def name(of: Measured) -> str:
        return names[(of.cell - 1) % len(names)]

    fewest = min(row.user_count, base.user_count)
    beside = (name(base), base.estimate.value)
    words = verdict(metric, found, p_adjusted, fewest, beside, ratio)
    each = row.estimate
    return (
        *(row.metric, name(row), row.user_count, row.session_count),
        *(each.value, each.low, each.high),
        *(found.value, found.low, found.high, found.p_value, p_adjusted),
        *(is_decided(p_adjusted, fewest, ratio), None if row is base else words),
        *(found.relative, found.relative_low, found.relative_high, found.detectable),
    )
