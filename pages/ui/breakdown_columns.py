"""The columns of a breakdown: each metric, its change, and its interval. Never computes one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pages.ui import format, measures
from pages.ui.cards import verdict
from pages.ui.tables import Column, metric_column
from pages.ui.theme import palette
from warehouse.dimensions import Dimension
from warehouse.metrics import intervals

if TYPE_CHECKING:
    import polars as pl


def of(dimension: Dimension, metrics: tuple[str, ...], *, compared: bool) -> dict[str, Column]:
    """The columns of a table of these metrics, by the frame's names; changes where `compared`."""
    columns = {"value": Column(dimension.label)}
    for name in metrics:
        columns[name] = metric_column(name)
        if compared:
            columns[f"{name}_change"] = _change(name)
        if intervals.has_interval(name):
            columns[f"{name}_ends"] = _ends(name)
        if name == "session_count":
            columns["share"] = Column("Share", bar=True, help="Share of all sessions")
    return columns


def orders(columns: Mapping[str, Column]) -> tuple[str, ...]:
    """What the table can be ordered by: its columns, but for intervals."""
    return tuple(name for name in columns if not name.endswith("_ends"))


def with_ends(frame: pl.DataFrame, columns: Mapping[str, Column]) -> pl.DataFrame:
    """The frame with both ends of each interval in one column."""
    import polars as pl

    names = [name.removesuffix("_ends") for name in columns if name.endswith("_ends")]
    return frame.with_columns(
        pl.when(pl.col(f"{name}_low").is_not_null())
        .then(pl.struct(low=f"{name}_low", high=f"{name}_high"))
        .alias(f"{name}_ends")
        for name in names
    )


def ink_of_total(row: dict[str, Any]) -> str | None:
    """The colour of the total's row, which is no value and yet not grey."""
    return palette().text if row["is_total"] else None


def _change(name: str) -> Column:
    metric = measures.metric(name)
    kind = "points" if metric.unit == "rate" else "relative"

    def told(value: float) -> tuple[str, str]:
        return verdict(format.change(value, kind), value, metric.better)

    return Column(
        f"Δ {metric.heading.lower()}",
        write=lambda value: told(value)[0],
        tone=lambda value: told(value)[1],
        help=f"{metric.label}: change against the period before",
        wide=True,
    )


def _ends(name: str) -> Column:
    metric = measures.metric(name)
    write = format.WRITERS[metric.unit]
    return Column(
        "95 %",
        write=lambda ends: f"{write(ends['low'])} – {write(ends['high'])}",
        help=f"{metric.label}: interval of 95 %",
        wide=True,
    )
