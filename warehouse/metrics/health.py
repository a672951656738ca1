"""What was loaded, what was refused and why, and where the data itself looks broken."""

from typing import TYPE_CHECKING

from warehouse.connection import Warehouse
from warehouse.query import run

if TYPE_CHECKING:
    import polars as pl

# An outage: under this share of what the weekday has in the weeks around it. Of fewer weeks nothing
# is usual yet, and a source of fewer sessions has such days by chance.
OUTAGE_SHARE = 0.25
LEAST_WEEKS = 4
LEAST_SESSIONS = 20


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


def faults(wh: Warehouse) -> "pl.DataFrame":
    """What looks like a fault of the data and not of its users, earliest first.

    Columns: kind ("outage": days with under a quarter of the sessions, bots left out, that the
    weekday has in the median of the 8 weeks before, and in that of the 8 weeks after, or, until 4
    of these are known, of the 4 weeks before), source, first_date, last_date (a run of days is one
    row), evidence (in words). Never the running day, a source's first 4 weeks, nor a weekday that
    has under 20 sessions. No rows when nothing looks like one.
    """
    return run(
        wh,
        "health.faults",
        least_weeks=LEAST_WEEKS,
        least_sessions=LEAST_SESSIONS,
        outage_share=OUTAGE_SHARE,
    )
