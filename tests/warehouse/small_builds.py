"""Writes small real builds from rows, so that what readers tell can be checked by hand."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations, groupby
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

NOON = datetime.fromisoformat("2026-03-10 12:00")  # A Tuesday.

COLUMNS = {
    "user_sessions": """session_id varchar, stream varchar, given_session_id varchar,
        sources varchar[],
        user_id varchar, user_key integer, start_time timestamp, end_time timestamp,
        start_date date, end_date date,
        duration_seconds double, engaged_seconds double, event_count bigint,
        action_count bigint, page_view_count bigint, distinct_page_count bigint,
        query_count bigint, error_count bigint, workflow_count bigint, chat_count bigint,
        device_type varchar, browser varchar, os varchar, entry_page varchar,
        entry_source varchar, referrer varchar, referrer_host varchar,
        campaign varchar, exit_page varchar, page_path varchar[], event_path varchar[],
        last_action varchar, exit_reason varchar, session_type varchar, tags varchar[],
        assets varchar[], query_types varchar[], experiment_id varchar, model_group varchar,
        session_number bigint, is_new_user boolean, is_open boolean, is_bounce boolean,
        is_abandoned boolean, is_suspect boolean, is_bot boolean, has_duration boolean,
        pattern varchar, pattern_confidence double, pattern_indicators varchar[],
        indicator_set varchar""",
    "session_events": """event_id varchar, source varchar, session_id varchar,
        user_id varchar, anonymous_id varchar, event_time timestamp, event_date date,
        event_number bigint, gap_seconds double,
        event_type varchar, page varchar, raw_page varchar, chat_id varchar, query_type varchar,
        page_host varchar, referrer varchar,
        campaign varchar, device_type varchar, browser varchar, os varchar,
        session_type varchar, experiment_id varchar, model_group varchar,
        is_action boolean, is_query boolean, is_error boolean, is_bot boolean,
        properties varchar""",
    "session_days": """session_id varchar, user_id varchar, event_date date,
        event_count bigint""",
    "overnight_days": """session_id varchar, user_id varchar, event_date date,
        event_count bigint""",
    "daily_session_stats": """stream varchar, stat_date date, total_sessions bigint,
        unique_users bigint, avg_duration_seconds double, median_duration_seconds double,
        bounce_rate double, suspect_sessions bigint, open_sessions bigint""",
    "source_days": """source varchar, start_date date, session_count bigint, bot_count bigint,
        alone_count bigint, hasty_count bigint, event_count bigint, largest_count bigint,
        closed_count bigint,
        ended_count bigint, long_count bigint, heartbeat_count bigint, repeated_count bigint,
        hour_counts integer[]""",
    "users": """user_id varchar, user_key integer, has_touching_sessions boolean,
        is_anonymous boolean, is_bot boolean,
        first_event_time timestamp, last_event_time timestamp, first_date date,
        session_count bigint, event_count bigint, device_type varchar, model_group varchar,
        pattern varchar""",
    "identities": """source varchar, anonymous_id varchar, interval_number bigint,
        user_id varchar, valid_from timestamp, valid_to timestamp""",
    "user_patterns": """user_id varchar, pattern varchar, session_count bigint,
        avg_duration_seconds double, avg_actions double, newest_session_errors bigint""",
    "workflow_executions": """workflow_id varchar, source varchar, user_id varchar,
        session_id varchar, workflow_name varchar, start_time timestamp, end_time timestamp,
        status varchar, last_step varchar, duration_seconds double""",
    "workflow_events": """source varchar, event_id varchar, workflow_id varchar,
        session_id varchar, event_time timestamp""",
    "chat_turns": """response_event_id varchar, session_id varchar, user_id varchar,
        chat_id varchar, turn_number bigint, prompt_time timestamp, response_time timestamp,
        model varchar, provider varchar, model_group varchar, latency_ms double,
        first_token_ms double, prompt_tokens bigint, completion_tokens bigint, cost double,
        response_length bigint, citation_count bigint, prompt_type varchar, read_seconds double,
        visible_seconds double, deepest_scroll double, is_selected boolean, is_copied boolean,
        is_citation_opened boolean, feedback varchar, is_rephrased boolean,
        is_silent_success boolean, is_silent_failure boolean, is_error boolean,
        is_answered boolean, begins_turn boolean, begins_visit boolean,
        begins_chat_in_visit boolean, is_scrolled boolean, left_seconds double,
        response_number bigint, prompt_length bigint, prompt_source varchar,
        prompt_event_id varchar, prompt_session_id varchar, prompt_event_number bigint,
        response_source varchar, response_event_number bigint, user_key integer,
        session_number bigint, chat_number bigint, start_date date, is_bot boolean,
        local_hour tinyint, is_open boolean""",
    "chats": """user_id varchar, chat_number bigint, chat_id varchar, session_id varchar,
        start_time timestamp, end_time timestamp, duration_seconds double, model varchar,
        model_group varchar, turn_count bigint, response_count bigint, error_count bigint,
        visit_count bigint, is_open boolean, user_key integer, session_number bigint,
        start_date date, is_bot boolean""",
    "settings": "name varchar, value varchar, default_value varchar, help varchar",
    "metrics": """name varchar, label varchar, definition varchar, unit varchar,
        empty varchar, better bigint, query varchar""",
    "load_runs": """batch_id varchar, source varchar, format varchar, file varchar,
        status varchar, rows_read bigint, first_event_time timestamp,
        last_event_time timestamp, rows_loaded bigint, rows_rejected bigint,
        repeated varchar[],
        loaded_at timestamp""",
    "rejected_summary": """source varchar, file varchar, reason varchar,
        row_count bigint, example varchar""",
}

DAY_KEY = ("session_id", "user_id", "event_date")

Row = dict[str, Any]


def at(text: str) -> datetime:
    """A naive UTC time, such as at("2026-03-10 12:00")."""
    return datetime.fromisoformat(text)


def event(session_id: str, user: str, time: datetime, number: int = 1, **others: Any) -> Row:
    """One event; the local date is that of UTC unless given."""
    return {
        "event_id": f"{session_id}-{number}",
        "source": "web",
        "session_id": session_id,
        "user_id": user,
        "event_time": time,
        "event_date": time.date(),
        "event_number": number,
        "event_type": "click",
        "is_action": True,
        "is_query": False,
        "is_error": False,
        **others,
    }


def session(user: str, start: datetime = NOON, seconds: float = 60, **others: Any) -> Row:
    """One closed session of two events, by the definitions unless told otherwise."""
    row = {
        "session_id": f"{user}@{start.isoformat()}",
        "stream": "inactivity",
        "sources": ["web"],
        "user_id": user,
        "start_time": start,
        "end_time": start + timedelta(seconds=seconds),
        "start_date": start.date(),
        "duration_seconds": float(seconds),
        "engaged_seconds": float(min(seconds, 30)),
        "event_count": 2 if seconds else 1,
        "action_count": 2 if seconds else 1,
        "query_count": 0,
        "error_count": 0,
        "device_type": "desktop",
        "session_type": None,
        "tags": [],
        "assets": [],
        "query_types": [],
        "session_number": 2,
        "is_open": False,
        "is_suspect": seconds > 24 * 3600,
        "is_bot": False,
        "is_abandoned": None,
        **others,
    }
    short = row["duration_seconds"] < 30 and row["action_count"] <= 1
    row.setdefault("is_bounce", short and not row["is_open"])
    row.setdefault("has_duration", row["event_count"] >= 2)
    row.setdefault("is_new_user", row["session_number"] == 1)
    # As far from UTC as the start.
    local = row["start_date"] - row["start_time"].date()
    row.setdefault("end_date", row["end_time"].date() + local)
    return row


def events_of(row: Row) -> list[Row]:
    """The first and last event of a session."""
    times = sorted({row["start_time"], row["end_time"]})
    return [
        event(row["session_id"], row["user_id"], time, number)
        for number, time in enumerate(times, 1)
    ]


def _paths_of(row: Row, events: Sequence[Row]) -> Row:
    """The pages and event types of a session in order, repeats in a row once."""
    own = sorted(
        (one for one in events if one["session_id"] == row["session_id"]),
        key=lambda one: one["event_number"],
    )
    views = [one.get("page") for one in own if one["event_type"] == "page_view"]
    return {
        "page_path": [page for page, _ in groupby(page for page in views if page)],
        "event_path": [kind for kind, _ in groupby(one["event_type"] for one in own)],
    }


def write_build(
    home: Path,
    sessions: Sequence[Row],
    events: Sequence[Row] | None = None,
    build: int = 1,
    as_of: datetime | None = None,
    time_zone: str = "UTC",
    lacking: Sequence[str] = (),
    **tables: Sequence[Row],
) -> Path:
    """A published build of these sessions. Events, days and paths are made from them if not given.

    `lacking` are columns of sessions that an older build does not have.
    """
    folder = home / "builds"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"wh-{build:06d}.duckdb"
    if events is None:
        events = [occurred for row in sessions for occurred in events_of(row)]
    days = sorted({tuple(row[name] for name in DAY_KEY) for row in events})
    day_rows = [dict(zip(DAY_KEY, day, strict=True)) for day in days]
    day_counts = Counter(row["session_id"] for row in day_rows)
    keys = {row["user_id"]: key for key, row in enumerate(sessions)}
    bots = {row["session_id"] for row in sessions if row["is_bot"]}
    touching = {
        one["user_id"]
        for one, other in combinations(sessions, 2)
        if one["user_id"] == other["user_id"]
        and one["start_time"] <= other["end_time"]
        and other["start_time"] <= one["end_time"]
    }
    rows = {
        "user_sessions": [
            {"user_key": keys[row["user_id"]], **_paths_of(row, events), **row} for row in sessions
        ],
        "session_events": [{"is_bot": row["session_id"] in bots, **row} for row in events],
        "session_days": day_rows,
        "overnight_days": [row for row in day_rows if day_counts[row["session_id"]] > 1],
        "settings": [{"name": "time_zone", "value": time_zone}],
        **tables,
    }
    told = {row["user_id"]: row for row in rows.get("users", ())}
    rows["users"] = [
        {"user_id": user, "user_key": key, "has_touching_sessions": user in touching}
        | told.pop(user, {})
        for user, key in keys.items()
    ]
    rows["users"] += told.values()
    with duckdb.connect() as con:
        con.execute(f"attach '{path}' as b (storage_version 'v1.5.0')")
        for table, columns in COLUMNS.items():
            con.execute(f"create table b.{table} ({columns})")
            if rows.get(table):
                names = dict.fromkeys(name for row in rows[table] for name in row)
                given = {name: [row.get(name) for row in rows[table]] for name in names}
                con.register("given_rows", pa.table(given))
                con.execute(f"insert into b.{table} by name from given_rows")
        for column in lacking:
            con.execute(f"alter table b.user_sessions drop column {column}")
    if as_of is None and events:
        as_of = max(row["event_time"] for row in events)
    pointer = {
        "build": build,
        "file": path.name,
        "built_at": datetime.now(UTC).isoformat(),
        "as_of": as_of.isoformat() if as_of else None,
        "time_zone": time_zone,
        "batches": 1,
        "events": len(events),
        "sessions": len(sessions),
        "seconds": 0.1,
    }
    (folder / "current.json").write_text(json.dumps(pointer))
    return path
