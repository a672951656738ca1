"""What the queries on paths are asked with, and what their text is put together of."""

import re
from typing import Any, Literal, get_args

from etl.errors import ConfigError, refuse_unknown
from warehouse.connection import Warehouse
from warehouse.path_sql import nodes_sql, steps_sql
from warehouse.step_sql import step_sql
from warehouse.steps import Step, step_of

Of = Literal["page", "event_type"]
Direction = Literal["forward", "backward"]
Start = str | Step | None
# What stands behind the last node of a path, in either direction.
EXIT = "Exit"
OTHER = "Other"
# Whether step n is the n-th node of a path, or the n-th from its end.
SIGNS = {"forward": 1, "backward": -1}
# The columns of sessions that keep a whole path.
COLUMNS = {"page": "page_path", "event_type": "event_path"}
MOST_STEPS = 20
# Of a depth: to the end of each path.
WHOLE = 2**31
_IS_NODE = {
    "page": "(event_type = 'page_view' and coalesce(page = $start, false))",
    "event_type": "(event_type = $start)",
}


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
    if depth != WHOLE:
        check_whole(1, depth, MOST_STEPS, "depth")
    check_whole(1, top, WHOLE, "top")
    check_whole(1, minimum_users, WHOLE, "minimum_users")
    values: dict[str, Any] = {}
    node, holds = _start(start, of, values)
    kept = "kept_paths" if start is None else "cut_paths"
    is_kept = not holds and COLUMNS[of] in wh.columns_of("user_sessions")
    is_whole = depth == WHOLE
    words = {
        "told_paths": kept if is_kept else "event_paths",
        "node_list": COLUMNS[of],
        "start_holds": holds or _IS_NODE[of],
        "nodes_of_paths": "" if is_whole else nodes_sql(depth, SIGNS[direction]),
        "steps_of_paths": "" if is_whole else steps_sql(depth, SIGNS[direction]),
    }
    return {
        **values,
        "words": words,
        "start": node,
        "direction": direction,
        "sign": SIGNS[direction],
        "of": of,
        "depth": depth,
        "top": top,
        "minimum_users": minimum_users,
        "path_end": EXIT,
    }


def sql_parts(wh: Warehouse, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """What the text of these queries is put together of, as sql_of takes it; asked as `shape`."""
    return {"words": tuple(shape(wh, *args, **kwargs)["words"].items())}


def _start(start: Start, of: str, values: dict[str, Any]) -> tuple[str | None, str]:
    """The name of the start, and the condition on its event; nothing where a node of that name is
    all that it asks for. A page begins with a slash, which no event type does.
    """
    if start is None:
        return None, ""
    text = str(start).removeprefix("page_view:")
    if of == "page" and text.startswith("= "):
        # Whatever it looks like: a page rule may name pages /docs/*.
        return text.removeprefix("= "), ""
    asks_more = re.search(r"\*$|\[[^\[\]=!<>]+[=!<>]", text)
    if of == "page" and text.startswith("/") and not asks_more:
        return text, ""
    is_plain = not re.search(r"[:*\[\]]", text)
    if is_plain and isinstance(start, str) and not text.startswith("/"):
        return text, "" if of == "event_type" else " or ".join(_IS_NODE.values())
    step = step_of(f"page_view:{text}" if text.startswith("/") else start)
    return text, step_sql(step, "_start", values)


def check_whole(least: int, value: int, most: int, name: str) -> None:
    if type(value) is not int or not least <= value <= most:
        msg = f"{name} is {value!r}. Wanted a whole number from {least} to {most}."
        raise ConfigError(msg)
