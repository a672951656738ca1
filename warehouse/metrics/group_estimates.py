"""The estimates of groups: what their units add up to, asked of the warehouse in a few queries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any

from etl.errors import ConfigError, refuse_unknown
from warehouse.measure_shapes import Shape, shapes
from warehouse.metrics import estimates, registry
from warehouse.metrics.estimates import NOTHING, Estimate
from warehouse.metrics.registry import Metric

if TYPE_CHECKING:
    import polars as pl

    from warehouse.connection import Warehouse
    from warehouse.dimensions import Dimension
    from warehouse.metrics.compared_groups import Groups

# How many users a group has is told beside: of one user it is nothing.
_SIZES = ("user_count",)
Row = Mapping[str, Any]
Ask = Callable[..., "pl.DataFrame"]
# A metric of a cell.
Place = tuple[str, int]


@dataclass(frozen=True)
class Measured:
    """The estimate of one metric in one cell, and the users and sessions that it is of."""

    metric: str
    cell: int
    estimate: Estimate
    user_count: int
    session_count: int


def checked(wh: Warehouse, metrics: Sequence[str], unit: str) -> dict[str, Metric]:
    """The metrics by name. ConfigError for one that is not there, or that no unit has."""
    if isinstance(metrics, str):
        msg = f"metrics is the text '{metrics}'. Wanted a list, such as ('{metrics}',)."
        raise ConfigError(msg)
    known = {name: each for name, each in registry.measures(wh).items() if name not in _SIZES}
    made = shapes(wh)
    for name in metrics:
        refuse_unknown("metric", name, known)
        if unit == "session" and made[name].kind == "total":
            msg = (
                f"{name} counts sessions: it has no value of one session. Compare it by user, "
                "which tells how many each user has, or leave it out."
            )
            raise ConfigError(msg)
    return {name: known[name] for name in dict.fromkeys(metrics)}


def measured(
    wh: Warehouse,
    groups: Groups,
    known: Mapping[str, Metric],
    segments: Sequence[str] = (),
    crossed: Dimension | None = None,
) -> list[Measured]:
    """Every metric in every cell, metric by metric: those of `checked`.

    A cell is a group; with `segments`, a group within one of these values of the dimension
    `crossed`: the groups of the first, then those of the second.
    """
    made = {name: shapes(wh)[name] for name in known}
    if not groups.names:
        return []
    within = _segment_number(crossed)

    def ask(name: str, words: Mapping[str, str], **more: Any) -> pl.DataFrame:
        return groups.asked(
            wh, name, crossed=crossed, segments=list(segments), words={**words, **within}, **more
        )

    cells = range(1, len(groups.names) * max(len(segments), 1) + 1)
    quantiles = {name: shape for name, shape in made.items() if shape.kind == "quantile"}
    middles = _quantiles(
        ask, quantiles, {(name, cell): (made[name].level,) for name in quantiles for cell in cells}
    )
    cuts = {
        f"cuts_{number}": [middles[name, cell][0] for cell in cells]
        for number, name in enumerate(made, 1)
        if name in quantiles
    }
    sums = {
        row["cell_number"]: row for row in _sums(ask, made, cuts, groups.unit).iter_rows(named=True)
    }
    is_rate = {name: metric.unit == "rate" for name, metric in known.items()}
    found = {
        (name, cell): _of_sums(sums.get(cell), number, groups.unit, is_rate=is_rate[name])
        for number, name in enumerate(made, 1)
        for cell in cells
    }
    _put_quantiles(ask, quantiles, middles, found, groups.unit)
    _put_wholes(ask, made, found)
    return [
        _row(place, found[place], sums.get(place[1]), number, made[name], groups.unit)
        for number, name in enumerate(made, 1)
        for place in ((name, cell) for cell in cells)
    ]


def _segment_number(crossed: Dimension | None) -> dict[str, str]:
    if crossed is None:
        return {}
    value = "unnest(crossed_value)" if crossed.is_list else "crossed_value"
    return {"segment_number": f"(list_position($segments::varchar[], {value}) - 1)"}


def _sums(ask: Ask, made: Mapping[str, Shape], cuts: Mapping[str, Any], unit: str) -> pl.DataFrame:
    """Of each cell x_1, y_1, n_1 and s_1 of the first measure, and so on.

    Of sessions also b_1: whether each of them has it, has it not, or is left out.
    """
    of_units, of_cells, distances = [], [], []
    for number, shape in enumerate(made.values(), 1):
        over, under = _both(shape, number)
        if unit == "user":
            over = f"sum(({over})::double)"
            under = "1" if shape.kind == "total" else f"sum(({under})::double)"
        of_units.append(
            f", coalesce({over}, 0)::double as x_{number}"
            f", coalesce({under}, 0)::double as y_{number}"
        )
        of_cells.append(
            f", sum(x_{number}) as x_{number}, sum(y_{number}) as y_{number}"
            f", count(*) filter (x_{number} <> 0 or y_{number} <> 0) as n_{number}"
        )
        if unit == "session":
            of_cells.append(
                f", bool_and(x_{number} in (0, 1) and y_{number} in (0, 1)) as b_{number}"
            )
        ratio = f"cell_sums.x_{number} / nullif(cell_sums.y_{number}, 0)"
        distances.append(
            f", sum((unit_sums.x_{number} - {ratio} * unit_sums.y_{number}) ** 2) as s_{number}"
        )
    words = {
        "unit_sums": _lines(of_units),
        "cell_sums": _lines(of_cells),
        "cell_distances": _lines(distances),
    }
    return ask("compare.sums", words=words, **cuts)


def _lines(columns: Iterable[str]) -> str:
    return "\n        ".join(["", *columns])


def _both(shape: Shape, number: int) -> tuple[str, str]:
    """What a session adds to x and y."""
    if shape.kind == "quantile":
        # The share of sessions at or below it: of that, how sure it is can be told.
        cut = f"list_extract($cuts_{number}::double[], cell_number)"
        return f"(({shape.over}) <= {cut})::int", shape.under
    if shape.kind == "whole":
        return "0", "1"
    return shape.over, shape.under or "1"


def _quantiles(
    ask: Ask,
    made: Mapping[str, Shape],
    levels: Mapping[Place, Sequence[float]],
    kind: str = "cont",
) -> dict[Place, list[float | None]]:
    """The quantiles of each cell at its levels; none of one beyond 0 and 1."""
    if not made:
        return {}
    listed = {
        name: sorted(
            {x for (of, _), each in levels.items() if of == name for x in each if 0 <= x <= 1}
        )
        for name in made
    }
    columns = [
        f", quantile_{kind}(({shape.over})::double, {listed[name] or [0.5]}) as q_{number}"
        for number, (name, shape) in enumerate(made.items())
    ]
    rows = {
        row["cell_number"]: row
        for row in ask("compare.quantiles", words={"quantiles": _lines(columns)}).iter_rows(
            named=True
        )
    }

    def at(number: int, name: str, cell: int, level: float) -> float | None:
        values = rows.get(cell, {}).get(f"q_{number}")
        if values is None or not 0 <= level <= 1:
            return None
        value: float | None = values[listed[name].index(level)]
        return value

    number_of = {name: number for number, name in enumerate(made)}
    return {
        (name, cell): [at(number_of[name], name, cell, level) for level in each]
        for (name, cell), each in levels.items()
    }


def _of_sums(sums: Row | None, number: int, unit: str, *, is_rate: bool) -> Estimate:
    if sums is None:
        return NOTHING
    x, y, n, s = (sums[f"{letter}_{number}"] for letter in "xyns")
    if unit == "session" and is_rate and sums[f"b_{number}"]:
        return estimates.of_share(x, n)
    return estimates.of_ratio(x, y, s or 0.0, n)


def _put_quantiles(
    ask: Ask,
    made: Mapping[str, Shape],
    middles: Mapping[Place, Sequence[float | None]],
    found: dict[Place, Estimate],
    unit: str,
) -> None:
    """Quantiles in place of the shares of sessions below them."""
    levels = {}
    for place, below in found.items():
        if place[0] not in made or middles[place][0] is None:
            continue
        level = made[place[0]].level
        levels[place] = (
            estimates.quantile_levels(level, below)
            if unit == "user"
            else estimates.quantile_ranks(level, below.units)
        )
    ends = _quantiles(ask, made, levels, "cont" if unit == "user" else "disc") if levels else {}
    for place in [place for place in found if place[0] in made]:
        below = found[place]
        low, high = ends.get(place, (None, None))
        degrees = below.degrees if unit == "user" else inf
        found[place] = estimates.of_quantile(middles[place][0], low, high, degrees, below.units)


def _put_wholes(ask: Ask, made: Mapping[str, Shape], found: dict[Place, Estimate]) -> None:
    """Measures that no unit has a part of: by how much they differ among portions of the units."""
    wholes = {name: shape for name, shape in made.items() if shape.kind == "whole"}
    if not wholes:
        return
    columns = [f", ({each.over})::double as w_{n}" for n, each in enumerate(wholes.values())]
    frame = ask("compare.portions", words={"measures": _lines(columns)})
    for name, cell in [place for place in found if place[0] in wholes]:
        column = f"w_{list(wholes).index(name)}"
        rows = frame.filter(frame["cell_number"] == cell)
        whole = rows.filter(rows["portion"].is_null())[column]
        parts = rows.filter(rows["portion"].is_not_null())[column].drop_nulls()
        value = whole[0] if len(whole) else None
        found[name, cell] = estimates.of_portions(value, parts.to_list(), found[name, cell].units)


def _row(
    place: Place, estimate: Estimate, sums: Row | None, number: int, shape: Shape, unit: str
) -> Measured:
    if sums is None:
        return Measured(*place, estimate, 0, 0)
    counts_sessions = shape.under.endswith("then 1 end") or shape.under == "1"
    sessions = sums[f"y_{number}"] if counts_sessions else sums["session_count"]
    users = sums[f"n_{number}"] if unit == "user" else sums["user_count"]
    return Measured(*place, estimate, users, int(sessions))
