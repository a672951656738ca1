"""The reading endpoints for the OpenAPI document of `dwell collect`. Answers nothing itself."""

import re
from collections.abc import Iterable
from typing import Any

from warehouse.live.answers import MOST_ROWS, ROWS

_COUNT = {"type": "integer", "minimum": 0, "maximum": MOST_ROWS}
_LIMIT = ("limit", _COUNT | {"default": ROWS})
_TEXT = {"type": "string"}
_KEYS = {
    "read_header": {"type": "apiKey", "in": "header", "name": "X-Read-Key"},
    "read_bearer": {"type": "http", "scheme": "bearer"},
}
_REFUSALS = {
    "400": "The question cannot be answered as it was asked.",
    "401": "Not the read key.",
    "403": "There is no read key, so that this machine alone may read.",
    "404": "Nobody, or nothing, of that name is known.",
    "503": "There is no build to read: ask again.",
}
_LOG = (("sessionId", _TEXT), ("userId", _TEXT), _LIMIT)

# Path, with /api/v1 before it or without; what it answers; what may be asked for.
READING: tuple[tuple[str, str, tuple[tuple[str, dict[str, Any]], ...]], ...] = (
    (
        "/active",
        "Who is in a session: counts and sessions. With Accept: text/event-stream, again whenever "
        "that has changed.",
        (_LIMIT, ("include_bots", {"type": "boolean", "default": False})),
    ),
    ("/user/{user_id}/current", "Whether a user is in a session, and in which.", ()),
    (
        "/user/{user_id}/history",
        "A user's newest sessions.",
        (("limit", _COUNT | {"default": 10}),),
    ),
    ("/patterns/{user_id}", "A user's behaviour pattern and its evidence, as of the build.", ()),
    (
        "/session/{id}",
        "A session as a document with a page of its events nested in it.",
        (_LIMIT, ("offset", {"type": "integer", "minimum": 0, "default": 0})),
    ),
    ("/query", "Events of a session or a user, the newest first.", _LOG),
)


def described() -> dict[str, Any]:
    """Paths and security schemes of what answers readers, to be added to a document."""
    paths = {}
    for path, summary, asked in READING:
        operations = {"get": _operation(path, summary, _parameters(path, asked))}
        if path == "/query":
            operations["post"] = _operation(path, summary, []) | {"requestBody": _body(asked)}
        for prefix in ("/api/v1", ""):
            paths[prefix + path] = operations
    return {"paths": paths, "securitySchemes": _KEYS}


def _operation(path: str, summary: str, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    content: dict[str, Any] = {"application/json": {"schema": {"type": "object"}}}
    if path == "/active":
        content["text/event-stream"] = {"schema": {"type": "string"}}
    answers: dict[str, Any] = {"200": {"description": summary, "content": content}}
    for status, meaning in _REFUSALS.items():
        schema = {"$ref": "#/components/schemas/Problem"}
        answers[status] = {
            "description": meaning,
            "content": {"application/json": {"schema": schema}},
        }
    security: list[dict[str, list[str]]] = [{name: []} for name in _KEYS]
    return {
        "summary": summary,
        "parameters": parameters,
        "responses": answers,
        "security": [*security, {}],
    }


def _parameters(path: str, asked: Iterable[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    placed = [
        {"name": name, "in": "path", "required": True, "schema": _TEXT}
        for name in re.findall(r"{(\w+)}", path)
    ]
    return placed + [{"name": name, "in": "query", "schema": schema} for name, schema in asked]


def _body(asked: Iterable[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    schema = {"type": "object", "properties": dict(asked)}
    return {"content": {"application/json": {"schema": schema}}}
