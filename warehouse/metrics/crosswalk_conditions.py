"""What conditions ask of sessions that a peer's rule makes, as lines of SQL. Never reads data.

Only what is asked for goes through the cuts, since each column of text that does is dear.
"""

from collections.abc import Iterable, Mapping

from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.metrics import lab_conditions

# Columns of events, and which one of a session's is its value. Where only actions begin sessions,
# those of its actions alone.
_OF_HITS = {
    **{
        name: (name, "arg_min")
        for name in ("device_type", "browser", "os", "campaign", "session_type", "experiment_id")
    },
    "model_group": ("model_group", "arg_min"),
    "entry_page": ("page", "arg_min"),
    "exit_page": ("page", "arg_max"),
}
# What is counted and timed for every rule anyway, or is looked up of the user.
_ALWAYS = (
    *("hour", "weekday", "duration_seconds", "event_count", "action_count", "page_view_count"),
    *("query_count", "error_count"),
)
CONDITIONS = ("source", *_OF_HITS, "cohort_month", *_ALWAYS)


def refused(wh: Warehouse, filters: Filters) -> list[str]:
    """Names of conditions that sessions of another tool do not tell without a build."""
    return [name for name in lab_conditions.names_in(wh, filters) if name not in CONDITIONS]


def value_words(names: Iterable[str]) -> Mapping[str, str]:
    """The words of the peers' relations for conditions of these names."""
    hits: dict[str, None] = {}
    pieces: list[str] = []
    sessions: list[str] = []
    for name in dict.fromkeys(names):
        if name == "cohort_month":
            hits["user_id"] = None
            pieces.append("any_value(hits.user_id) as user_id")
            sessions.append("any_value(user_id) as user_id")
        elif name == "source":
            hits["source"] = None
            pieces += _both("list(distinct hits.source)", "sources")
            sessions.append(f"list_distinct(flatten(list({_chosen('sources')}))) as sources")
        elif name in _OF_HITS:
            column, which = _OF_HITS[name]
            hits[column] = None
            pieces += _both(f"{which}(hits.{column}, hits.position)", name)
            sessions.append(f"{which}({_chosen(name)}, position) as {name}")
    # The rules look at campaigns themselves.
    hits.pop("campaign", None)
    return {
        "hit_values": "".join(f"\n    {column}," for column in hits),
        "piece_values": "".join(f"\n    , {line}" for line in pieces),
        "session_values": "".join(f"\n        , {line}" for line in sessions),
    }


def _both(value: str, name: str) -> tuple[str, str]:
    """A value of all events of a stretch, and of its actions alone."""
    return f"{value} as {name}", f"{value} filter (hits.is_action) as action_{name}"


def _chosen(name: str) -> str:
    return f"if(needs_action, action_{name}, {name})"
