"""Paths: which way sessions go, step by step, and what they have in common."""

from typing import TYPE_CHECKING, Literal

from etl.errors import refuse_unknown
from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.metrics.path_shape import WHOLE, Direction, Of, Start, check_whole, shape
from warehouse.query import run

if TYPE_CHECKING:
    import polars as pl

MOST_TOGETHER = 60


def steps(
    wh: Warehouse,
    filters: Filters,
    start: Start = None,
    direction: Direction = "forward",
    of: Of = "page",
    depth: int = 5,
    top: int = 8,
    minimum_users: int = 1,
) -> "pl.DataFrame":
    """Where sessions go, step by step, from their first node; or backward, from their last one.

    Nodes are the pages of page views, or the types of events; one that is repeated counts once.
    `start` cuts before its first occurrence (backward: behind its last one): a page, an event
    type, or any step as funnels have them. A start that is no node itself is the first step, under
    its own name. Sessions without nodes, or without the start, are out. At each step the `top`
    nodes with the most sessions are shown, of those that `minimum_users` reach; all others are
    Other, which goes on.

    Columns: step_number (1 to `depth`), node, next_node (Exit behind the last one),
    session_count. What leaves a node is what came to it; step 1 adds up to the sessions that have
    the start. By step, most sessions first. No rows when no session has the start.
    """
    asked = shape(wh, start, direction, of, depth, top, minimum_users)
    return run(wh, "paths.steps", filters, **asked)


def sessions(
    wh: Warehouse,
    filters: Filters,
    step_number: int,
    node: str,
    next_node: str | None = None,
    start: Start = None,
    direction: Direction = "forward",
    of: Of = "page",
    depth: int = 5,
    top: int = 8,
    minimum_users: int = 1,
    limit: int | None = 50,
) -> "pl.DataFrame":
    """The sessions behind one row of `steps`, or behind all rows of a node; newest first.

    Columns: session_id, user_id, start_time, path (its nodes from step 1 on). No rows when there
    is no such row.
    """
    asked = shape(wh, start, direction, of, depth, top, minimum_users)
    check_whole(1, step_number, depth, "step_number")
    return run(
        wh,
        "paths.sessions",
        filters,
        **asked,
        step_number=step_number,
        node=node,
        next_node=next_node,
        row_limit=limit,
    )


def transitions(wh: Warehouse, filters: Filters, of: Of = "page", top: int = 10) -> "pl.DataFrame":
    """How often sessions went from one node to the next, at whatever step.

    Nodes beyond the `top` with the most visits are Other. Columns: node, next_node (Exit: the
    session had none after it), transition_count, share (of what left the node). Rows without
    transitions are left out; by visits, Other and Exit last. No rows without nodes.
    """
    return run(wh, "paths.transitions", filters, **shape(wh, of=of, depth=WHOLE, top=top))


def together(
    wh: Warehouse,
    filters: Filters,
    of: Of = "event_type",
    by: Literal["session", "user"] = "session",
    top: int = 20,
    minimum: int = 10,
) -> "pl.DataFrame":
    """Which pages, or event types, the same sessions or users have, and how much more than chance.

    Looked at are the `top` that most sessions have, and pairs that `minimum` sessions or users
    have. Columns: feature, other_feature, together_count (that have both), feature_count,
    other_count (that have the one), unit_count (that have any at all), expected_count
    (feature_count x other_count / unit_count), support (together_count / unit_count), lift
    (together_count / expected_count; 1 is chance). Highest lift first. No rows without such a pair.
    """
    refuse_unknown("by", by, ("session", "user"))
    check_whole(2, top, MOST_TOGETHER, "top")
    asked = shape(wh, of=of, depth=WHOLE, top=top)
    return run(wh, "paths.together", filters, **asked, by=by, minimum=minimum)


def starts(wh: Warehouse, filters: Filters, of: Of = "page", limit: int = 50) -> "pl.DataFrame":
    """What paths can start from: the nodes that most sessions have.

    Columns: node, session_count. Most sessions first, ties by alphabet. No rows without nodes.
    """
    asked = shape(wh, of=of, depth=WHOLE)
    return run(wh, "paths.starts", filters, **asked, row_limit=limit)
