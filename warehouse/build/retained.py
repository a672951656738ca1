"""What is kept of pruned events: written from the build before they leave, read by the models."""

from datetime import date, datetime
from pathlib import Path

import duckdb

from etl.duck import create_table, quoted
from etl.lake import Lake

INPUTS = ("kept_daily", "kept_users", "lake_prunes")
DAILY, USERS = "daily.parquet", "users.parquet"

_SQL = Path(__file__).parent / "prune_sql"
_FORM = "format parquet, compression zstd, parquet_version v2"
# Those of daily_session_stats, in its order. Files of an earlier Dwell may lack some: null.
_DAILY_COLUMNS = {
    "stream": "VARCHAR",
    "stat_date": "DATE",
    **dict.fromkeys(("total_sessions", "unique_users", "new_users"), "BIGINT"),
    **dict.fromkeys(
        (
            "avg_duration_seconds",
            "median_duration_seconds",
            "p90_duration_seconds",
            "avg_engaged_seconds",
            "bounce_rate",
            "error_rate",
            "abandonment_rate",
            "actions_per_session",
        ),
        "DOUBLE",
    ),
    **dict.fromkeys(("most_common_entry", "most_common_exit"), "VARCHAR"),
    **dict.fromkeys(("bot_sessions", "suspect_sessions", "open_sessions"), "BIGINT"),
}
_USER_COLUMNS = {
    "user_id": "VARCHAR",
    **dict.fromkeys(("first_event_time", "last_event_time"), "TIMESTAMP"),
    **dict.fromkeys(
        (
            "session_count",
            "event_count",
            "action_count",
            "query_count",
            "error_count",
            "active_day_count",
        ),
        "BIGINT",
    ),
    **dict.fromkeys(("is_anonymous", "is_bot"), "BOOLEAN"),
    "timed_session_count": "BIGINT",
    "total_duration_seconds": "DOUBLE",
    **dict.fromkeys(("device_type", "model_group"), "VARCHAR"),
    "newest_sessions": "STRUCT(session_id VARCHAR, start_time TIMESTAMP, duration_seconds DOUBLE, "
    "is_suspect BOOLEAN, action_count BIGINT, error_count BIGINT)[]",
}
_PRUNE_COLUMNS = {
    "pruned_before": "DATE",
    "time_zone": "VARCHAR",
    "event_count": "BIGINT",
    "session_count": "BIGINT",
    "queried_streams": "[]",
    "pruned_at": "TIMESTAMP",
}


def lay_out_kept(con: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """Creates INPUTS: what the last prune kept; without rows before the first one."""
    pruned = lake.manifest().pruned
    folder = lake.root / pruned.kept if pruned else None
    for name, file, columns in (
        ("kept_daily", DAILY, _DAILY_COLUMNS),
        ("kept_users", USERS, _USER_COLUMNS),
    ):
        named = ", ".join(f"null::{kind} as {column}" for column, kind in columns.items())
        text = f"select {named} where false"
        if folder:
            text += f" union all by name from read_parquet({quoted(folder / file)})"
        con.execute(f"create or replace temp view {name} as {text}")
    told = [] if pruned is None else [
        {
            "pruned_before": pruned.before,
            "time_zone": pruned.time_zone,
            "event_count": pruned.events,
            "session_count": pruned.sessions,
            "queried_streams": pruned.queried,
            "pruned_at": datetime.fromisoformat(pruned.pruned_at).replace(tzinfo=None),
        }
    ]  # fmt: skip
    create_table(con, "lake_prunes", _PRUNE_COLUMNS, told)


def find_leaving(con: duckdb.DuckDBPyConnection, time: datetime) -> None:
    """Leaves leaving_sessions and staying_events of the build that the connection uses."""
    for name in ("leaving_sessions", "staying_events"):
        con.execute(f"create or replace temp table {name} as {_text(name)}", {"time": time})


def write_kept(
    con: duckdb.DuckDBPyConnection, folder: Path, before: date, pattern_sessions: int
) -> None:
    """Writes the files that the next builds read, after find_leaving and lay_out_kept."""
    folder.mkdir(parents=True, exist_ok=True)
    known = {"pruned_before": before, "pattern_sessions": pattern_sessions}
    earlier = con.execute("select max(pruned_before) from lake_prunes").fetchall()[0][0]
    for name, file in (("kept_daily", DAILY), ("kept_users", USERS)):
        text = _text(name)
        params = {word: value for word, value in known.items() if f"${word}" in text}
        if "$kept_before" in text:
            params["kept_before"] = earlier
        con.execute(f"copy ({text}) to {quoted(folder / file)} ({_FORM})", params)


def _text(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")
