"""What groups add up to: asked of the warehouse, measure by measure. Estimates nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from warehouse.measure_shapes import EACH, Part, Shape

if TYPE_CHECKING:
    import polars as pl

    from warehouse.connection import Warehouse
    from warehouse.dimensions import Dimension
    from warehouse.metrics.compared_groups import Groups

# A measure of a cell.
Place = tuple[str, int]
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Cells:
    """Rows of one kind in the cells of groups: grouped_sessions, or grouped_turns of their chats.

    A cell is a group; with `segments`, a group within one of these values of the dimension
    `crossed`: the groups of the first, then those of the second.
    """

    wh: Warehouse
    groups: Groups
    rows: str
    shapes: Mapping[str, Shape]
    segments: Sequence[str] = ()
    crossed: Dimension | None = None

    @property
    def numbers(self) -> range:
        """The numbers of the cells, from 1."""
        return range(1, len(self.groups.names) * max(len(self.segments), 1) + 1)

    @property
    def are_units(self) -> bool:
        """Whether each row is a unit, and knows nothing of the others."""
        return _are_units(self.rows, self.groups.unit)

    @property
    def quantiles(self) -> dict[str, Shape]:
        """The measures that are quantiles."""
        return {name: shape for name, shape in self.shapes.items() if shape.kind == "quantile"}

    def sums(self, cuts: Mapping[Place, float | None]) -> dict[int, Row]:
        """Of each cell user_count, session_count, and of the first measure x_1, y_1, n_1, m_1, s_1.

        These are as compare.sums has them; by session there is u_1, the users, too. Where rows are
        units also b_1: whether each has it, has it not, or is left out. A quantile is asked for
        what is at or below its `cuts`.
        """
        listed = {
            f"cuts_{number}": [cuts[name, cell] for cell in self.numbers]
            for number, name in enumerate(self.shapes, 1)
            if name in self.quantiles
        }
        words = sum_words(self.shapes, self.rows, self.groups.unit, self.crossed)
        return self._by_cell("compare.sums", words, **listed)

    def levels(
        self, wanted: Mapping[Place, Sequence[float | None]], kind: str = "cont"
    ) -> dict[Place, list[float | None]]:
        """The quantiles of each cell at its levels, in their order; None of None."""
        if not wanted:
            return {}
        sets: dict[str, set[float]] = {name: {0.5} for name in self.quantiles}
        for (name, _), each in wanted.items():
            sets[name].update(level for level in each if level is not None)
        listed = {name: sorted(each) for name, each in sets.items()}
        columns = [
            f", quantile_{kind}(({shape.over.sql})::double, {listed[name]}) as {name}_quantiles"
            for name, shape in self.quantiles.items()
        ]
        rows = self._by_cell("compare.quantiles", {"quantiles": _lines(columns)})

        def at(name: str, cell: int, level: float | None) -> float | None:
            values = rows.get(cell, {}).get(f"{name}_quantiles")
            if values is None or level is None:
                return None
            found: float | None = values[listed[name].index(level)]
            return found

        return {
            (name, cell): [at(name, cell, level) for level in each]
            for (name, cell), each in wanted.items()
        }

    def portions(self) -> dict[Place, tuple[float | None, list[float]]]:
        """The measures that no unit has a part of: of each cell, and of its portions."""
        wholes = [(name, shape) for name, shape in self.shapes.items() if shape.kind == "whole"]
        if not wholes:
            return {}
        columns = [f", ({shape.over.sql})::double as {name}_whole" for name, shape in wholes]
        frame = self._ask("compare.portions", {"measures": _lines(columns)})
        found: dict[Place, tuple[float | None, list[float]]] = {}
        for name, _ in wholes:
            for cell in self.numbers:
                rows = frame.filter(frame["cell_number"] == cell)
                is_part = rows["portion"].is_not_null()
                values = rows[f"{name}_whole"]
                parts = values.filter(is_part).drop_nulls().to_list()
                found[name, cell] = next(iter(values.filter(~is_part)), None), parts
        return found

    def _by_cell(self, name: str, words: Mapping[str, str], **params: Any) -> dict[int, Row]:
        frame = self._ask(name, words, **params)
        return {row["cell_number"]: row for row in frame.iter_rows(named=True)}

    def _ask(self, name: str, words: Mapping[str, str], **params: Any) -> pl.DataFrame:
        segments = list(self.segments)
        return self.groups.asked(
            self.wh,
            name,
            crossed=self.crossed,
            segments=segments,
            words={**_where(self.rows, self.crossed), **words},
            **params,
        )


def sum_words(
    shapes: Mapping[str, Shape], rows: str, unit: str, crossed: Dimension | None = None
) -> dict[str, str]:
    """What compare.sums is put together of."""
    are_units = _are_units(rows, unit)
    parts = [_sums_of(shape, number, rows, unit) for number, shape in enumerate(shapes.values(), 1)]
    words = {
        name: _lines(texts[at] for texts in parts)
        for at, name in enumerate(("unit_sums", "cell_sums", "cell_distances"))
    }
    sessions = "count(distinct session_id)" if rows == "grouped_turns" else "count(*)"
    key = "user_key" if unit == "user" else "user_key, session_id"
    return {
        **_where(rows, crossed),
        **words,
        "sessions_of_unit": "1" if are_units else sessions,
        "by_unit": "" if are_units else f"\n    group by {key}, cell_number",
    }


def _are_units(rows: str, unit: str) -> bool:
    return unit == "session" and rows == "grouped_sessions"


def _where(rows: str, crossed: Dimension | None) -> dict[str, str]:
    if crossed is None:
        return {"compared": rows}
    value = "unnest(crossed_value)" if crossed.is_list else "crossed_value"
    number = f"(list_position($segments::varchar[], {value}) - 1)"
    return {"compared": rows, "segment_number": number}


def _sums_of(shape: Shape, number: int, rows: str, unit: str) -> tuple[str, str, str]:
    """A measure's part in the sums of units, in those of cells, and in the distances."""
    are_units = _are_units(rows, unit)
    parts = _parts(shape, number)
    over, under = (part.of_one if are_units else part.of_rows for part in parts)
    if shape.kind == "total" and not are_units:
        # Each unit is one of them, however many rows it has.
        under = "1"
    x, y = f"x_{number}", f"y_{number}"
    of_cell = f", sum({x}) as {x}, sum({y}) as {y}"
    of_cell += f", count(*) filter ({x} <> 0 or {y} <> 0) as n_{number}"
    of_cell += f", sum(session_count) filter ({x} <> 0 or {y} <> 0) as m_{number}"
    if unit == "session":
        of_cell += f", count(distinct user_key) filter ({x} <> 0 or {y} <> 0) as u_{number}"
    if are_units:
        of_cell += f", bool_and({x} in (0, 1) and {y} in (0, 1) and {x} <= {y}) as b_{number}"
    ratio = f"cell_sums.{x} / nullif(cell_sums.{y}, 0)"
    return (
        f", coalesce({over}, 0)::double as {x}, coalesce({under}, 0)::double as {y}",
        of_cell,
        f", sum((unit_sums.{x} - {ratio} * unit_sums.{y}) ** 2) as s_{number}",
    )


def _parts(shape: Shape, number: int) -> tuple[Part, Part]:
    """What rows add up to above and below."""
    if shape.kind == "quantile":
        # The share of rows at or below it: of that, how sure it is can be told.
        cut = f"list_extract($cuts_{number}::double[], cell_number)"
        return Part(f"case when ({shape.over.sql}) <= {cut} then 1 end", is_count=True), shape.under
    if shape.kind == "whole":
        return Part("0"), EACH
    return shape.over, shape.under


def _lines(columns: Iterable[str]) -> str:
    return "\n        ".join(["", *columns])
