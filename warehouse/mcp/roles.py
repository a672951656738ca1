"""Which role each tool wants: the one table of it. A tool that is not here cannot be served."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from etl.config.serve import ANALYST, OPERATOR, VIEWER
from warehouse.serving import Visitor


@dataclass(frozen=True)
class Wanted:
    """What who calls a tool has to be. `people`: its arguments that ask of single people, which
    are for an analyst."""

    role: str
    people: frozenset[str] = frozenset()


WANTED = {
    "get-session-analytics": Wanted(VIEWER, frozenset({"user_id", "benchmark"})),
    "list_metrics": Wanted(VIEWER),
    "query_metric": Wanted(VIEWER),
    "get_user_timeline": Wanted(ANALYST),
    "get_session": Wanted(ANALYST),
    "get_alerts": Wanted(OPERATOR),
    "describe_tables": Wanted(ANALYST),
    "run_sql": Wanted(ANALYST),
}


def hidden_arguments(visitor: Visitor, tool: str) -> frozenset[str]:
    """The arguments of a tool that the visitor may not give."""
    return frozenset() if visitor.may(ANALYST) else WANTED[tool].people


def refusal(visitor: Visitor, tool: str, arguments: Mapping[str, Any]) -> str | None:
    """Why a visitor may not call a tool so; None where he may."""
    wanted = WANTED[tool].role
    if not visitor.may(wanted):
        return f"{tool} is for the role {wanted}. {_roles(visitor, wanted)}"
    # Nothing else stands for an argument that is left out: 0 may be somebody's id.
    given = [
        name
        for name in sorted(hidden_arguments(visitor, tool))
        if arguments.get(name) is not None and arguments[name] is not False
    ]
    if given:
        named = " and ".join(given)
        return f"{named} of {tool} asks of single people, for the role {ANALYST}. " + _roles(
            visitor, ANALYST
        )
    return None


def _roles(visitor: Visitor, wanted: str) -> str:
    held = ", ".join(sorted(visitor.roles))
    return f"You have: {held}. Who runs this Dwell gives others: roles = [{wanted!r}]."
