"""What a report says is not to be trusted: faults of the data, and days that it does not have."""

from __future__ import annotations

from typing import Any

from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.metrics import data, health
from warehouse.metrics.compared import Compare
from warehouse.reports import sentences
from warehouse.reports.asked import Asked
from warehouse.reports.shapes import ROWS, Table


def faults_of(wh: Warehouse, asked: Asked, compare: Compare | Filters) -> list[dict[str, Any]]:
    """The faults of the period's days, then of those that it is compared with, as is_before."""
    if health.faults(wh).is_empty():
        return []
    before = asked.period.earlier(asked.filters)[-1]
    if isinstance(compare, Filters):
        before = compare
    told = []
    for filters, is_before in ((asked.filters, False), (before, True)):
        if filters is None or filters.start is None or filters.end is None:
            continue
        for row in health.effect(wh, filters).iter_rows(named=True):
            if row["first_date"] <= filters.end and row["last_date"] >= filters.start:
                told.append(row | {"is_before": is_before})
    return told


def doubts_of(wh: Warehouse, asked: Asked, effects: list[dict[str, Any]]) -> list[str]:
    """What is not to be trusted, in sentences; of many faults the gravest."""
    first = data.extent(wh)["min_date"].item()
    told = sentences.of_coverage(asked.period, first, wh.as_of, wh.as_of_date)
    told += [
        sentences.of_fault(row, is_before=row["is_before"], of_user=asked.user is not None)
        for row in effects[:ROWS]
    ]
    if len(effects) > ROWS:
        told.append(f"There are {len(effects) - ROWS} more faults: Data health has all.")
    return told


def fault_table(wh: Warehouse, asked: Asked, effects: list[dict[str, Any]]) -> Table | None:
    """Every fault with its effect, for the workbook; the page tells them in sentences."""
    import polars as pl

    if not effects:
        return None
    return Table(
        *("Faults", "Faults of the data", (), ()),
        pl.DataFrame(effects, infer_schema_length=None),
        link=asked.page(wh, "data_health"),
    )
