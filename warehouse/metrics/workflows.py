"""Workflows: how many runs were finished, and where and for how long the others stood still."""

from typing import TYPE_CHECKING

from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.query import run

if TYPE_CHECKING:
    import polars as pl

# Of whatever session: who names one has seen it already.
_EVERY = Filters(include_bots=True)


def summary(wh: Warehouse, filters: Filters) -> "pl.DataFrame":
    """Runs that were started in sessions of the filters, by workflow, most started first.

    Columns: workflow_name (null: none told), started_count, completed_count, abandoned_count,
    running_count (the three add up to started_count), median_seconds (of completed runs, from
    their first event to their last; null without any). No rows when no run was started.
    """
    return run(wh, "workflows.summary", filters)


def abandoned(
    wh: Warehouse,
    session_id: str | None = None,
    filters: Filters | None = None,
    workflow_name: str | None = None,
    limit: int | None = None,
    user_id: str | None = None,
) -> "pl.DataFrame":
    """Runs that were not completed when their session closed, newest first.

    Of one session, of the sessions that the filters take (without filters: all, bots too), of one
    workflow, of one user, or of all. Columns: workflow_id, workflow_name, user_id, session_id
    (where it was started), start_time, last_step (null: none told), stuck_seconds (from the run's
    last event to the end of the session that event is in). No rows when nothing was abandoned, or
    the session is unknown.
    """
    return run(
        wh,
        "workflows.abandoned",
        filters or _EVERY,
        session_id=session_id,
        workflow_name=workflow_name,
        user_id=user_id,
        row_limit=limit,
    )


def stuck(wh: Warehouse, filters: Filters) -> "pl.DataFrame":
    """At which step abandoned runs stopped, by workflow; most runs first.

    Columns: workflow_name, last_step (null: none told), abandoned_count, median_stuck_seconds,
    p90_stuck_seconds (as stuck_seconds of `abandoned`). No rows when nothing was abandoned.
    """
    return run(wh, "workflows.stuck", filters, session_id=None, workflow_name=None, user_id=None)
