"""Whether users came to the groups of a comparison as they were meant to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from etl.errors import ConfigError
from warehouse.experiments import checked_split, experiment_of
from warehouse.metrics.group_sums import Cells
from warehouse.metrics.verdicts import SampleRatio

if TYPE_CHECKING:
    import polars as pl

    from warehouse.connection import Warehouse
    from warehouse.filters import Filters
    from warehouse.metrics.compared_groups import By, Groups

_COUNTS = ("user_count", "session_count")


def intended(
    wh: Warehouse,
    filters: Filters,
    by: By,
    names: Sequence[str],
    split: Mapping[str, float] | None,
) -> Mapping[str, float] | None:
    """The share of the users that each group was meant to get: as given, else as dwell.toml says.

    None where nothing says it, and of an empty split. ConfigError for a split without one of the
    groups.
    """
    if split is not None and not split:
        return None
    if split is None:
        experiment = experiment_of(wh.home, filters, by, names) if isinstance(by, str) else None
        return experiment.split if experiment else None
    checked = checked_split(split)
    missing = [name for name in names if name not in checked]
    if missing:
        msg = (
            f"The split says nothing of the group '{missing[0]}'. It has {', '.join(checked)}; the "
            f"groups are {', '.join(names)}. Add its share, or filter the group out."
        )
        raise ConfigError(msg)
    return checked


def tested(counts: pl.DataFrame, split: Mapping[str, float]) -> SampleRatio:
    """Users of each group against the intended split (Pearson 1900); of no users, nothing."""
    from scipy.special import chdtrc

    rows = beside(counts, split).select("user_count", "intended_user_count").drop_nulls().rows()
    if not sum(users for users, _ in rows):
        return SampleRatio(None, None)
    chi_square = sum((users - meant) ** 2 / meant for users, meant in rows)
    return SampleRatio(chi_square, float(chdtrc(len(split) - 1, chi_square)))


def counted(wh: Warehouse, groups: Groups) -> pl.DataFrame:
    """Users and sessions of each group. Columns: group, user_count, session_count."""
    import polars as pl

    known = Cells(wh, groups, "grouped_sessions", {}).sums({}) if groups.names else {}
    rows = [
        (name, *(known[number][column] if number in known else 0 for column in _COUNTS))
        for number, name in enumerate(groups.names, 1)
    ]
    schema = {"group": pl.String, **dict.fromkeys(_COUNTS, pl.Int64)}
    return pl.DataFrame(rows, schema=schema, orient="row")


def beside(counts: pl.DataFrame, split: Mapping[str, float]) -> pl.DataFrame:
    """The frame of `counted` with the groups of the split that have no users, by name.

    Further columns: intended_share, intended_user_count; null of a group that is not in it.
    """
    import polars as pl

    users = sum(row["user_count"] for row in counts.iter_rows(named=True) if row["group"] in split)
    known = counts["group"].to_list()
    rows = [*counts.rows(), *((group, 0, 0) for group in split if group not in known)]
    shares = [split.get(row[0]) for row in rows]
    joined = [
        (*row, share, None if share is None else users * share)
        for row, share in zip(rows, shares, strict=True)
    ]
    names = ("intended_share", "intended_user_count")
    schema = {"group": pl.String, **dict.fromkeys(_COUNTS, pl.Int64)}
    schema |= dict.fromkeys(names, pl.Float64)
    return pl.DataFrame(joined, schema=schema, orient="row").sort("group")
