"""The estimates of groups, out of what they add up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from typing import TYPE_CHECKING

from etl.errors import ConfigError, refuse_unknown
from warehouse.measure_shapes import Shape, shapes
from warehouse.metrics import answers, estimates, registry
from warehouse.metrics.compared_groups import Unit, words_of
from warehouse.metrics.estimates import NOTHING, Estimate
from warehouse.metrics.group_sums import Cells, Place, Row, sum_words
from warehouse.metrics.registry import Metric
from warehouse.query import has_table

if TYPE_CHECKING:
    from warehouse.connection import Warehouse
    from warehouse.dimensions import Dimension
    from warehouse.metrics.compared_groups import Groups

# How many users a group has is told beside: of one user it is nothing.
_SIZES = ("user_count",)


@dataclass(frozen=True)
class Measured:
    """The estimate of one metric in one cell, and the users and sessions that it is of."""

    metric: str
    cell: int
    estimate: Estimate
    user_count: int
    session_count: int


def comparable(wh: Warehouse) -> dict[str, Metric]:
    """The metrics that groups can be compared by: of sessions, dwell.toml's too, and of chats."""
    known = {name: each for name, each in registry.measures(wh).items() if name not in _SIZES}
    return known | answers.BY_NAME


def offered(wh: Warehouse, unit: str) -> dict[str, str]:
    """The metrics that units of that kind can be compared by: of each, the kind of its shape.

    Those of answers are left out where the build has no chat.
    """
    names = [name for name in comparable(wh) if name not in answers.BY_NAME or _has_chats(wh)]
    kinds = {name: shape_of(wh, name).kind for name in names}
    return {name: kind for name, kind in kinds.items() if unit == "user" or kind != "total"}


# A build does not change, and each page asks.
@lru_cache(maxsize=8)
def _has_chats(wh: Warehouse) -> bool:
    return has_table(wh, "chat_turns") and bool(wh.sql("from chat_turns limit 1").fetchall())


def segments_of(wh: Warehouse, groups: Groups, crossed: Dimension, limit: int) -> list[str]:
    """The values of a dimension with the most sessions of the groups, ties by alphabet."""
    if not groups.names:
        return []
    words = {"segment": "unnest(crossed_value)" if crossed.is_list else "crossed_value"}
    named = groups.asked(wh, "compare.segments", crossed=crossed, words=words, row_limit=limit)
    return named["segment"].to_list()


def sql_words(
    wh: Warehouse, names: Sequence[str], unit: Unit, crossed: Dimension | None = None
) -> dict[str, str]:
    """What stands for the words of the queries of comparisons, to show how these metrics came.

    Of metrics of sessions and of answers, those that are of the same rows as the first.
    """
    rows = rows_of(names[0])
    made = {name: shape_of(wh, name) for name in names if rows_of(name) == rows}
    first = made[names[0]]
    sums = sum_words(made, rows, unit, crossed)
    return words_of(unit) | sums | {"over": first.over.of_rows, "under": first.under.of_rows}


def checked(wh: Warehouse, metrics: Sequence[str], unit: str) -> dict[str, Metric]:
    """The metrics by name. ConfigError for one that is not there, or that no unit has."""
    if isinstance(metrics, str):
        msg = f"metrics is the text '{metrics}'. Wanted a list, such as ('{metrics}',)."
        raise ConfigError(msg)
    known = comparable(wh)
    for name in metrics:
        refuse_unknown("metric", name, known)
        if unit == "session" and shape_of(wh, name).kind == "total":
            msg = (
                f"{name} counts sessions: it has no value of one session. Compare it by user, "
                "which tells how many each user has, or leave it out."
            )
            raise ConfigError(msg)
    return {name: known[name] for name in dict.fromkeys(metrics)}


def shape_of(wh: Warehouse, name: str) -> Shape:
    """What a comparable metric is made of."""
    return shapes(wh, "measured_turns" if name in answers.BY_NAME else "measured_sessions")[name]


def rows_of(name: str) -> str:
    """The relation whose rows a comparable metric is of."""
    return "grouped_turns" if name in answers.BY_NAME else "grouped_sessions"


def measured(
    wh: Warehouse,
    groups: Groups,
    known: Mapping[str, Metric],
    segments: Sequence[str] = (),
    crossed: Dimension | None = None,
) -> list[Measured]:
    """Every metric in every cell, metric by metric: those of `checked`. Cells as Cells has them."""
    if not groups.names:
        return []
    found: dict[Place, Measured] = {}
    for rows in ("grouped_sessions", "grouped_turns"):
        made = {name: shape_of(wh, name) for name in known if rows_of(name) == rows}
        if made:
            found |= _measured(Cells(wh, groups, rows, made, segments, crossed), known)
    count = len(groups.names) * max(len(segments), 1)
    return [found[name, cell] for name in known for cell in range(1, count + 1)]


def _measured(cells: Cells, known: Mapping[str, Metric]) -> dict[Place, Measured]:
    levels = {
        (name, cell): (shape.level,)
        for name, shape in cells.quantiles.items()
        for cell in cells.numbers
    }
    middles = {place: each[0] for place, each in cells.levels(levels).items()}
    sums = cells.sums(middles)
    found = {
        (name, cell): _of_sums(sums[cell], number, known[name], cells) if cell in sums else NOTHING
        for number, name in enumerate(cells.shapes, 1)
        for cell in cells.numbers
    }
    found |= _of_quantiles(cells, middles, found)
    for place, (value, portions) in cells.portions().items():
        found[place] = estimates.of_portions(value, portions, found[place].units)
    return {
        (name, cell): Measured(
            name, cell, found[name, cell], *_counts(cells, sums.get(cell), number, shape)
        )
        for number, (name, shape) in enumerate(cells.shapes.items(), 1)
        for cell in cells.numbers
    }


def _of_sums(sums: Row, number: int, metric: Metric, cells: Cells) -> Estimate:
    x, y, n, s = (sums[f"{letter}_{number}"] for letter in "xyns")
    if cells.are_units and metric.unit == "rate" and sums[f"b_{number}"]:
        return estimates.of_share(x, round(y))
    return estimates.of_ratio(x, y, s or 0.0, n)


def _of_quantiles(
    cells: Cells, middles: Mapping[Place, float | None], below: Mapping[Place, Estimate]
) -> dict[Place, Estimate]:
    """Quantiles, in place of the shares of rows below them."""
    levels = {}
    for place, middle in middles.items():
        level = cells.shapes[place[0]].level
        if middle is not None:
            levels[place] = (
                estimates.quantile_ranks(level, below[place].units)
                if cells.are_units
                else estimates.quantile_levels(level, below[place])
            )
    ends = cells.levels(levels, "disc" if cells.are_units else "cont")
    found = {}
    for place, middle in middles.items():
        low, high = ends.get(place, (None, None))
        degrees = inf if cells.are_units else below[place].degrees
        found[place] = estimates.of_quantile(middle, low, high, degrees, below[place].units)
    return found


def _counts(cells: Cells, sums: Row | None, number: int, shape: Shape) -> tuple[int, int]:
    """Users and sessions that a value is of."""
    if sums is None:
        return 0, 0
    is_of_sessions = shape.kind in ("ratio", "quantile") and shape.under.is_count
    is_of_sessions = is_of_sessions and cells.rows == "grouped_sessions"
    sessions = sums[f"{'y' if is_of_sessions else 'm'}_{number}"]
    users = sums[f"{'n' if cells.groups.unit == 'user' else 'u'}_{number}"]
    return users, int(sessions or 0)
