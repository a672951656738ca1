"""The rows of a metric in one shape, whatever it is called and however it is asked for."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

from warehouse import Filters, Warehouse
from warehouse.mcp.fitting import plain
from warehouse.metric_answers import metric_answer
from warehouse.metrics.compared import Before

if TYPE_CHECKING:
    import polars as pl

Order = Literal["sessions", "value", "change"]
Row = dict[str, Any]
# Of a metric that is compared, by a property: what stands behind its name.
_PARTS = ("low", "high", "current", "previous", "change")


def rows_of(frame: "pl.DataFrame", metric: str, before: Before | None) -> list[Row]:
    """The rows of one shape, whatever the metric is called and however it is asked for."""
    is_compared = before is not None and before.is_there
    names = {"period_start": "group", "previous_value": "previous", "value": "value"}
    if metric in frame.columns:
        names = {"value": "group", metric: "value", "share": "share", "is_total": "is_total"}
        names |= {f"{metric}_{part}": part for part in _PARTS}
    names |= {name: name for name in ("current", "previous", "change", "is_complete")}
    if not is_compared:
        gone = ("current", "previous", "change")
        names = {column: name for column, name in names.items() if name not in gone}
    kept = [column for column in names if column in frame.columns]
    renamed = frame.select(kept).rename({column: names[column] for column in kept})
    return [plain(row) for row in renamed.to_dicts()]


def counts_of(
    wh: Warehouse, filters: Filters, metric: str, by: str, rows: Iterable[Row]
) -> dict[tuple[bool, str | None], int]:
    """How many sessions each value has, by whether it is the total, and by the value."""
    if metric == "session_count":
        return {(row["is_total"], row["group"]): row["value"] for row in rows}
    frame = metric_answer(wh, filters, "session_count", by)
    counted = rows_of(frame, "session_count", None)
    return {(row["is_total"], row["group"]): row["value"] for row in counted}


def split(
    rows: list[Row], counts: dict[tuple[bool, str | None], int], unknown: str
) -> tuple[Row, list[Row]]:
    """The total, and the rows of the values."""
    for row in rows:
        row["session_count"] = counts.get((row["is_total"], row["group"]), 0)
    total = next((row for row in rows if row["is_total"]), {"value": None, "session_count": 0})
    values = [
        {"group": unknown if row["group"] is None else row["group"]} | _without(row, "group")
        for row in rows
        if not row["is_total"]
    ]
    return _without(total, "group"), values


def _without(row: Row, name: str) -> Row:
    return {key: each for key, each in row.items() if key not in (name, "is_total")}


def ordered(rows: list[Row], order_by: Order, descending: bool) -> list[Row]:
    """The rows in their order, what is not known last; equals as they were."""
    key = "session_count" if order_by == "sessions" else order_by
    known = [row for row in rows if row.get(key) is not None]
    unknown = [row for row in rows if row.get(key) is None]
    return sorted(known, key=lambda row: row[key], reverse=descending) + unknown
