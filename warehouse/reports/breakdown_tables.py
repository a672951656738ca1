"""The tables of a report: sessions by the properties that say most of a product."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from warehouse.connection import Warehouse
from warehouse.dimensions import Dimension, broken_down_by
from warehouse.filters import Filters
from warehouse.metrics import breakdowns
from warehouse.metrics.compared import Before, Compare
from warehouse.reports.asked import Asked
from warehouse.reports.shapes import ROWS, Column, Table, bounded, counted

if TYPE_CHECKING:
    import polars as pl

# In this order, those of which the period knows something; then those of dwell.toml.
_WANTED = (
    *("entry_page", "exit_page", "source", "entry_source", "referrer_host", "campaign"),
    *("device_type", "session_type", "model_group", "pattern", "exit_reason"),
)
# So many stand on the page; the workbook has all.
ON_PAGE = 6
_ONE_VALUE = 2
_METRICS = ("session_count", "bounce_rate", "median_duration_seconds")
_COLUMNS = (
    Column("session_count", "Sessions"),
    Column("session_count_change", "Change", "relative"),
    Column("bounce_rate", "Bounce", "rate"),
    Column("median_duration_seconds", "Median", "seconds"),
)


def breakdowns_of(
    wh: Warehouse, asked: Asked, compare: Compare | Filters, before: Before
) -> list[Table]:
    """A table of each property that has two values or more; the first ON_PAGE have rows to show."""
    counts = {
        row["dimension"]: row["session_count"]
        for row in breakdowns.known(wh, asked.filters).iter_rows(named=True)
    }
    by_name = {each.name: each for each in broken_down_by(wh.dimensions)}
    own = tuple(each.name for each in broken_down_by(wh.own_dimensions))
    tables: list[Table] = []
    for name in (*_WANTED, *own):
        if not counts.get(name):
            continue
        every = _asked_of(wh, asked, by_name[name], compare, breakdowns.ALL)
        # Of one value only, with the total, a table says nothing that the head does not.
        if every.height <= _ONE_VALUE:
            continue
        if len(tables) < ON_PAGE:
            # With all beyond the limit in one row, and what is not known in another.
            is_short = every.height <= ROWS + 1
            shown = every if is_short else _asked_of(wh, asked, by_name[name], compare, ROWS - 2)
            tables.append(_table(wh, asked, by_name[name], every, shown, before))
        else:
            label = by_name[name].label
            tables.append(Table(label, label, (), (), every))
    return tables


def _asked_of(
    wh: Warehouse, asked: Asked, dimension: Dimension, compare: Compare | Filters, limit: int
) -> pl.DataFrame:
    return breakdowns.change(wh, asked.filters, dimension.name, _METRICS, limit, compare=compare)


def _table(
    wh: Warehouse,
    asked: Asked,
    dimension: Dimension,
    every: pl.DataFrame,
    shown: pl.DataFrame,
    before: Before,
) -> Table:
    columns = [each for each in _COLUMNS if before.is_there or each.unit != "relative"]
    rows = [row for row in shown.iter_rows(named=True) if not row["is_total"]]
    values = every.filter(~every["is_total"], every["value"].is_not_null()).height
    told = sum(row["value"] is not None for row in rows)
    return Table(
        dimension.label,
        dimension.label,
        (Column("value", dimension.label, "text"), *columns),
        tuple((_named(row, dimension), *(row[each.name] for each in columns)) for row in rows),
        every,
        note=counted(told, values),
        link=asked.page(wh, "breakdowns", by=dimension.name),
        links=tuple(
            asked.value(wh, dimension, row["value"])
            if asked.dashboard and not row["is_other"]
            else ""
            for row in rows
        ),
        bar=1,
        # What is not known, and all others, would dwarf the rest.
        without_bar=len(rows) - told,
    )


def _named(row: Mapping[str, Any], dimension: Dimension) -> str:
    if row["is_other"]:
        return "Other"
    return dimension.unknown if row["value"] is None else bounded(str(row["value"]))
