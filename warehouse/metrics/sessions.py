"""Sessions one by one: how many there are."""

from typing import TYPE_CHECKING

from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.query import run

if TYPE_CHECKING:
    import polars as pl


def count(wh: Warehouse, filters: Filters) -> "pl.DataFrame":
    """How many sessions the filters take.

    Column: session_count. Always one row; 0 when no session matches.
    """
    return run(wh, "sessions.count", filters)
