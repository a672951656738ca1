"""Paths: which way sessions go, step by step, and what they have in common."""

import re
from typing import TYPE_CHECKING, Any, Literal, get_args

from etl.errors import ConfigError, refuse_unknown
from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.query import run
from warehouse.step_sql import step_sql
from warehouse.steps import Step, step_of

if TYPE_CHECKING:
    import polars as pl

Of = Literal["page", "event_type"]
Direction = Literal["forward", "backward"]
Start = str | Step | None
# What stands behind the last node of a path: where the session ends, or where it began.
ENDS = {"forward": "Exit", "backward": "Entry"}
OTHER = "Other"
# The columns of sessions that keep a whole path.
COLUMNS = {"page": "page_path", "event_type": "event_path"}
MOST_STEPS = 20
MOST_TOGETHER = 60
_WHOLE = 2**31
_IS_NODE = {
    "page": "(event_type = 'page_view' and coalesce(page = $start, false))",
    "event_type": "(event_type = $start)",
}


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

    Columns: step_number (1 to `depth`), node, next_node (Exit behind the last one; backward Entry),
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
    _check(1, step_number, depth, "step_number")
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
    return run(wh, "paths.transitions", filters, **shape(wh, of=of, depth=_WHOLE, top=top))


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
    _check(2, top, MOST_TOGETHER, "top")
    asked = shape(wh, of=of, depth=_WHOLE, top=top)
    return run(wh, "paths.together", filters, **asked, by=by, minimum=minimum)


def starts(wh: Warehouse, filters: Filters, of: Of = "page", limit: int = 50) -> "pl.DataFrame":
    """What paths can start from: the nodes that most sessions have.

    Columns: node, session_count. Most sessions first, ties by alphabet. No rows without nodes.
    """
    asked = shape(wh, of=of, depth=_WHOLE)
    return run(wh, "paths.starts", filters, **asked, row_limit=limit)


def shape(
    wh: Warehouse,
    start: Start = None,
    direction: str = "forward",
    of: str = "page",
    depth: int = 5,
    top: int = 8,
    minimum_users: int = 1,
) -> dict[str, Any]:
    """What the queries on paths are asked with. ConfigError for what is none."""
    refuse_unknown("of", of, get_args(Of))
    refuse_unknown("direction", direction, get_args(Direction))
    if depth != _WHOLE:
        _check(1, depth, MOST_STEPS, "depth")
    _check(1, top, _WHOLE, "top")
    _check(1, minimum_users, _WHOLE, "minimum_users")
    values: dict[str, Any] = {}
    node, holds = _start(start, of, values)
    is_kept = not holds and COLUMNS[of] in wh.session_columns
    words = {
        "told_paths": "kept_paths" if is_kept else "event_paths",
        "node_list": COLUMNS[of],
        "start_holds": holds or _IS_NODE[of],
        "steps_of_paths": "\nunion all\n".join(map(_step_sql, range(1, depth + 1)))
        if depth <= MOST_STEPS
        else "",
    }
    return {
        **values,
        "words": words,
        "start": node,
        "direction": direction,
        "of": of,
        "depth": depth,
        "top": top,
        "minimum_users": minimum_users,
        "path_end": ENDS[direction],
    }


def parts(wh: Warehouse, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """What the text of these queries is put together of, as sql_of takes it; asked as `shape`."""
    return {"words": tuple(shape(wh, *args, **kwargs)["words"].items())}


def _start(start: Start, of: str, values: dict[str, Any]) -> tuple[str | None, str]:
    """The name of the start, and the condition on its event; nothing where a node of that name is
    all that it asks for. A page begins with a slash, which no event type does.
    """
    if start is None:
        return None, ""
    text = str(start).removeprefix("page_view:")
    is_plain = not re.search(r"[:*\[\]]", text)
    if is_plain and text.startswith("/") and of == "page":
        return text, ""
    if is_plain and isinstance(start, str) and not text.startswith("/"):
        return text, "" if of == "event_type" else " or ".join(_IS_NODE.values())
    step = step_of(f"page_view:{text}" if text.startswith("/") else start)
    return text, step_sql(step, "start", values)


def _step_sql(number: int) -> str:
    """How many sessions went from one node to another at this step."""
    here, there = f"path[{number}] as node", f"path[{number + 1}] as next_node"
    return (
        f"select {number} as step_number, {here}, {there}, count(*) as session_count "  # noqa: S608
        f"from session_paths where len(path) >= {number} group by all"
    )


def _check(least: int, value: int, most: int, name: str) -> None:
    if not least <= value <= most:
        msg = f"{name} is {value}. Wanted a whole number from {least} to {most}."
        raise ConfigError(msg)
