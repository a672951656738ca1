"""The reading endpoints for the OpenAPI document of `dwell collect`. Answers nothing itself."""

import re
from collections.abc import Iterable
from typing import Any

from warehouse.live.answers import MOST_ROWS, ROWS
from warehouse.live.endpoints import ENDPOINTS, PREFIX, Endpoint

_COUNT = {"type": "integer", "minimum": 0, "maximum": MOST_ROWS}
_LIMIT = ("limit", _COUNT | {"default": ROWS})
_TEXT = {"type": "string"}
_KEYS = {
    "read_header": {"type": "apiKey", "in": "header", "name": "X-Read-Key"},
    "read_bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token of [tokens.NAME], which has roles and may have a scope; or the "
        "read key, which has all roles.",
    },
}
_REFUSALS = {
    "400": "The question cannot be answered as it was asked.",
    "401": "Neither a token nor the read key.",
    "403": "The token's roles do not have it; or there is no token and no read key, so that this "
    "machine alone may read.",
    "404": "Nobody, or nothing, of that name is known.",
    "503": "There is no build to read: ask again.",
}
_LOG = (("sessionId", _TEXT), ("userId", _TEXT), _LIMIT)

# Path, with /api/v1 before it or without; what it answers; what may be asked for.
READING: tuple[tuple[str, str, tuple[tuple[str, dict[str, Any]], ...]], ...] = (
    (
        "/active",
        "Who is in a session: counts, and for an analyst the sessions. With Accept: "
        "text/event-stream, again whenever that has changed.",
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
    told = {path: (summary, asked) for path, summary, asked in READING}
    paths = {}
    for endpoint in ENDPOINTS:
        summary, asked = told[endpoint.path]
        operations = {"get": _operation(endpoint, summary, _parameters(endpoint.path, asked))}
        if "POST" in endpoint.methods:
            posted = _operation(endpoint, summary, []) | {"requestBody": _body(asked)}
            operations["post"] = posted
        for prefix in (PREFIX, ""):
            paths[prefix + endpoint.path] = operations
    return {"paths": paths, "securitySchemes": _KEYS}


def _operation(
    endpoint: Endpoint, summary: str, parameters: list[dict[str, Any]]
) -> dict[str, Any]:
    content: dict[str, Any] = {"application/json": {"schema": {"type": "object"}}}
    if endpoint.streams:
        content["text/event-stream"] = {"schema": {"type": "string"}}
    answers: dict[str, Any] = {"200": {"description": summary, "content": content}}
    for status, meaning in _REFUSALS.items():
        schema = {"$ref": "#/components/schemas/Problem"}
        answers[status] = {
            "description": meaning,
            "content": {"application/json": {"schema": schema}},
        }
    # Of a token the role that it wants, at the least.
    needed = endpoint.roles[-1:]
    return {
        "summary": summary,
        "parameters": parameters,
        "responses": answers,
        "security": [{"read_header": []}, {"read_bearer": list(needed)}, {}],
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
