"""What a build holds, as the filters need to know it."""

from typing import TYPE_CHECKING

from warehouse.connection import Warehouse
from warehouse.dimensions import broken_down_by, dimension_named
from warehouse.filters import Filters
from warehouse.query import run

if TYPE_CHECKING:
    import polars as pl


def extent(wh: Warehouse) -> "pl.DataFrame":
    """First and last date of the build, its size, and the sources and devices it knows.

    Columns: min_date, max_date (local; the first is none that was pruned), session_count,
    event_count, sources, devices (sorted lists; "unknown" among the devices when some session
    has none), as_of, pruned_before (first day that was not pruned; null when none was). Always
    one row; without sessions the dates and as_of are null, the counts 0 and the lists empty.
    """
    # Most of the other metrics ask, and a build does not change.
    if wh.extent is None:
        wh.extent = run(wh, "data.extent")
    return wh.extent.clone()


def values(wh: Warehouse, filters: Filters, dimension: str, limit: int = 1000) -> "pl.DataFrame":
    """The values that a dimension has in the period, those of most sessions first.

    Columns: value (null: not known), session_count (a session with several values counts in
    each). Ties by alphabet. No rows when no session matches.
    """
    chosen = dimension_named(dimension, broken_down_by(wh.dimensions))
    return run(
        wh,
        "data.values",
        filters,
        dimension=chosen,
        row_limit=limit,
    )


def definitions(wh: Warehouse) -> "pl.DataFrame":
    """What each metric counts, under the settings that this build was made with.

    Columns: all of `metrics`, in the registry's order. One row per metric.
    """
    return run(wh, "data.definitions")


def columns(wh: Warehouse, table: str) -> "pl.DataFrame":
    """What the columns of a table mean, in the words of its model.

    Columns: column_name, comment. No rows when the build has no such table.
    """
    return run(wh, "data.columns", table_name=table)


def tables(wh: Warehouse) -> "pl.DataFrame":
    """The tables of the build and their columns, in the words of their models.

    Columns: table_name, table_comment, column_name, data_type, comment; tables by alphabet, columns
    as they lie. One row per column.
    """
    return run(wh, "data.tables")


def settings(wh: Warehouse) -> "pl.DataFrame":
    """The settings that this build was made with.

    Columns: name, value, default_value (as people write them), help. One row per setting that
    shapes what a build says.
    """
    return run(wh, "data.settings")


def event_types(wh: Warehouse) -> "pl.DataFrame":
    """The types of the events, those of most events first.

    Columns: event_type, event_count. Ties by alphabet. No rows when the build is empty.
    """
    return run(wh, "data.event_types")
