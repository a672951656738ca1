"""What the reading endpoints answer, as plain values. Knows no request, and computes no metric."""

import json
from collections.abc import Mapping
from typing import Any

from etl.errors import ConfigError
from warehouse.connection import Warehouse
from warehouse.filters import Filters
from warehouse.live.live import Seen
from warehouse.live.workplace import sql
from warehouse.metrics import active
from warehouse.typed_texts import without_texts

Answer = dict[str, Any]
MOST_ROWS = 1_000
ROWS = 100
_OF_DOCUMENT = ("session_type", "experiment_id", "model_group", "tags", "assets")
_OF_ENVIRONMENT = ("device_type", "browser", "os", "referrer")
# The answers that may hold what people typed.
HAVE_TEXTS = frozenset(("document", "log"))


class NotFound(Exception):
    """Nobody, or nothing, of that name is known; says so."""


def origin(seen: Seen, wh: Warehouse) -> Answer:
    """Where an answer comes from: `source` is live, or build where the build says it alone.

    Beside it: as_of, build, built_at, events_since_build, and `problem`: why not live.
    """
    return {
        "as_of": wh.as_of,
        "source": "live" if seen.live else "build",
        "build": seen.build.number,
        "built_at": seen.build.built_at,
        "events_since_build": seen.events,
        "problem": seen.problem,
    }


def how_many_are_active(seen: Seen, wh: Warehouse, params: Mapping[str, str]) -> Answer:
    """The origin, and what active.totals counts: nothing of single people."""
    number(params, "limit", ROWS)
    totals = active.totals(wh, _active(params)).row(0, named=True)
    return {**totals, **origin(seen, wh)}


def who_is_active(seen: Seen, wh: Warehouse, params: Mapping[str, str]) -> Answer:
    """As how_many_are_active, and `sessions`: those that are open."""
    frame = active.sessions(wh, _active(params)).head(number(params, "limit", ROWS))
    return {**how_many_are_active(seen, wh, params), "sessions": frame.rows(named=True)}


def current(seen: Seen, wh: Warehouse, params: Mapping[str, str]) -> Answer:
    """The origin, user_id, is_active, and `sessions`: the user's open ones. NotFound."""
    user = _known_user(wh, params["user_id"])
    given = {"user_id": user, "is_open": True, "row_limit": MOST_ROWS}
    sessions = _rows(wh, "sessions_of_user", given)
    return {"user_id": user, "is_active": bool(sessions), **origin(seen, wh), "sessions": sessions}


def history(seen: Seen, wh: Warehouse, params: Mapping[str, str]) -> Answer:
    """The origin, user_id, and `sessions`: so many of the user's, the newest first. NotFound."""
    user = _known_user(wh, params["user_id"])
    limit = number(params, "limit", 10)
    given = {"user_id": user, "is_open": False, "row_limit": limit}
    return {"user_id": user, **origin(seen, wh), "sessions": _rows(wh, "sessions_of_user", given)}


def pattern(seen: Seen, wh: Warehouse, params: Mapping[str, str]) -> Answer:
    """The origin, and the user's pattern with its evidence, as of the build. NotFound.

    Who came since the build is a new_user, of whom no session was looked at.
    """
    user = _known_user(wh, params["user_id"])
    rows = _rows(wh, "pattern_of_user", {"user_id": user})
    found = rows[0] if rows else {"user_id": user, "pattern": "new_user", "session_count": 0}
    return {**found, **origin(seen, wh), "pattern_as_of": seen.build.as_of}


def document(
    seen: Seen, wh: Warehouse, params: Mapping[str, str], *, shows_texts: bool = False
) -> Answer:
    """The session as the format mongo_sessions has it: one document with its events nested in it.

    `events` are one page of them, by limit and offset; event_count is of all. What people typed
    is left out unless it `shows_texts`. NotFound.
    """
    rows = _rows(wh, "session_named", {"id": params["id"]}, shows_texts=shows_texts)
    if not rows:
        msg = f"No session '{params['id']}' is known. Give its id, or the tracker's own."
        raise NotFound(msg)
    (session,) = rows
    limit, offset = number(params, "limit", ROWS), number(params, "offset", 0, most=10**9)
    names = ("user_id", "session_id", "start_time", "end_time")
    given = {name: session[name] for name in names} | {"row_limit": limit, "row_offset": offset}
    events = _rows(wh, "events_of_session", given, shows_texts=shows_texts)
    return {
        "_id": session["session_id"],
        "session_id": session["given_session_id"] or session["session_id"],
        "user_id": session["user_id"],
        "started_at": session["start_time"],
        "ended_at": session["end_time"],
        "is_open": session["is_open"],
        "exit_reason": session["exit_reason"],
        **{name: session[name] for name in _OF_DOCUMENT},
        "environment": {name: session[name] for name in _OF_ENVIRONMENT},
        "events": [_event(row) for row in events],
        "event_count": session["event_count"],
        "limit": limit,
        "offset": offset,
    }


def log(
    seen: Seen, wh: Warehouse, params: Mapping[str, str], *, shows_texts: bool = False
) -> Answer:
    """The origin, and `events` of a sessionId, or a userId, or both: the newest first, without what
    people typed unless it `shows_texts`.
    """
    session, user = params.get("sessionId"), params.get("userId")
    if not session and not user:
        msg = "Neither sessionId nor userId was given. Say of whom: /query?sessionId=…"
        raise ConfigError(msg)
    given = {
        "session_id": session or None,
        "user_id": user or None,
        "row_limit": number(params, "limit", ROWS),
    }
    events = _rows(wh, "event_log", given, shows_texts=shows_texts)
    for event in events:
        event["details"] = _read(event["details"])
    return {**origin(seen, wh), "count": len(events), "events": events}


def number(params: Mapping[str, str], name: str, usual: int, most: int = MOST_ROWS) -> int:
    """A whole number that was asked for. ConfigError for anything else."""
    written = str(params.get(name, usual))
    if not written.isdecimal() or len(written) > 10 or int(written) > most:
        msg = f"{name} is '{written[:40]}'. Wanted: a whole number up to {most:,}."
        raise ConfigError(msg)
    return int(written)


def _active(params: Mapping[str, str]) -> Filters:
    return Filters(include_bots=params.get("include_bots") in ("true", "1"))


def _known_user(wh: Warehouse, user: str) -> str:
    if not _rows(wh, "sessions_of_user", {"user_id": user, "is_open": False, "row_limit": 1}):
        msg = f"No user '{user}' is known. Give an id as events have it."
        raise NotFound(msg)
    return user


def _event(row: Answer) -> Answer:
    told = {name: row[name] for name in ("page", "chat_id", "query_type") if row[name] is not None}
    data = _read(row["properties"])
    return {
        "event_id": row["event_id"],
        "t": row["t"],
        "type": row["type"],
        "data": {**data, **told} if isinstance(data, dict) else {"value": data, **told},
    }


def _read(properties: str | None) -> Any:
    return json.loads(properties) if properties else {}


def _rows(
    wh: Warehouse, name: str, params: Mapping[str, Any], *, shows_texts: bool = True
) -> list[Answer]:
    shadows = {} if shows_texts else without_texts(wh.columns_of)
    tables = ", ".join(f"{table} as ({select})" for table, select in shadows.items())
    relation = wh.sql(f"{f'with {tables} ' if tables else ''}{sql(name)}", params)
    columns = relation.columns
    return [dict(zip(columns, row, strict=True)) for row in relation.fetchall()]
