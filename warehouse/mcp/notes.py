"""What is noted of a call: who, which tool, how many rows. No argument's value, and no text."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from mcp.server.mcpserver.tools import Tool

from warehouse.audit import Audit
from warehouse.serving import Visitor

# Where answers have their rows.
_ROWS = ("rows", "sessions", "events", "tables", "metrics", "firing", "held_back", "history")
# What names somebody, or is a text: noted by a pseudonym, the same for the same value.
_ALIASES = {"user_id": "of_user", "session_id": "of_session", "sql": "query"}
# Called with what came of a call, and its answer.
Note = Callable[[str, Mapping[str, Any]], None]


def noting(
    audit: Audit | None, visitor: Visitor, tool: Tool | None, arguments: Mapping[str, Any]
) -> Note:
    """What is to be called with what came of a call, and its answer.

    It raises DwellError where that cannot be noted. `tool`: None where it is unknown, of which not
    even the name is noted: it is the caller's word.
    """
    begun = time.monotonic()

    def note(came_to: str, answer: Mapping[str, Any]) -> None:
        if audit is None:
            return
        told: dict[str, Any] = {"kind": "tool", **audit.who(visitor.name, visitor.roles)}
        told |= {"tool": tool.name if tool else None}
        if tool:
            known = tool.parameters["properties"]
            told["arguments"] = sorted(name for name in arguments if name in known)
            told |= {
                key: audit.alias(str(arguments[name]))
                for name, key in _ALIASES.items()
                if name in known and arguments.get(name) is not None
            }
        if came_to != "answered":
            told["came_to"] = came_to
        if "build" in answer:
            told |= {"build": answer["build"], "rows": _rows(answer)}
        audit.note(**told, milliseconds=round(1000 * (time.monotonic() - begun)))

    return note


def _rows(answer: Mapping[str, Any]) -> int:
    told = sum(len(answer[name]) for name in _ROWS if isinstance(answer.get(name), list))
    return told or len(answer.get("columns", ()) if "rows" not in answer else ())
