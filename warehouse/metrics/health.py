"""What was loaded, what was refused, and why."""

from typing import TYPE_CHECKING

from warehouse.connection import Warehouse
from warehouse.query import run

if TYPE_CHECKING:
    import polars as pl


def loads(wh: Warehouse) -> "pl.DataFrame":
    """Every file load, newest first.

    Columns: all of `load_runs`. No rows when nothing was loaded.
    """
    return run(wh, "health.loads")


def rejected(wh: Warehouse) -> "pl.DataFrame":
    """Rejected rows by source, file and reason, most rows first.

    Columns: all of `rejected_summary`. No rows when nothing was rejected.
    """
    return run(wh, "health.rejected")
