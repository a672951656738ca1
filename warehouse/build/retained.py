"""What is kept of pruned events: written from the build before they leave, read by the models."""

from datetime import date, datetime
from pathlib import Path

import duckdb

from etl.duck import create_table, quoted
from etl.lake import LakeState

INPUTS = ("kept_daily", "kept_users", "lake_prunes")
DAILY, USERS = "daily.parquet", "users.parquet"
_FILES = {"kept_daily": DAILY, "kept_users": USERS}

_SQL = Path(__file__).parent / "prune_sql"
_FORM = "format parquet, compression zstd, parquet_version v2"
# What reads them names the columns and their types: daily_session_stats and stg_kept_users take
# these rows by name, and what an earlier Dwell did not keep is null.
_NOTHING_KEPT = {
    DAILY: "select null::varchar as stream, null::date as stat_date where false",
    USERS: "select null::varchar as user_id where false",
}
_PRUNE_COLUMNS = {
    "pruned_before": "DATE",
    "time_zone": "VARCHAR",
    "event_count": "BIGINT",
    "session_count": "BIGINT",
    "queried_streams": "[]",
    "pruned_at": "TIMESTAMP",
}


def lay_out_kept(con: duckdb.DuckDBPyConnection, state: LakeState) -> None:
    """Creates INPUTS: what the last prune kept; without rows before the first one."""
    pruned = state.pruned
    folder = state.root / pruned.kept if pruned else None
    for name, file in _FILES.items():
        kept = f"from read_parquet({quoted(folder / file)})" if folder else _NOTHING_KEPT[file]
        con.execute(f"create or replace temp view {name} as {kept}")
    lay_out_prunes(con, state)


def lay_out_nothing_kept(con: duckdb.DuckDBPyConnection) -> None:
    """Creates INPUTS of rows without any."""
    for name, file in _FILES.items():
        con.execute(f"create or replace temp view {name} as {_NOTHING_KEPT[file]}")


def lay_out_prunes(con: duckdb.DuckDBPyConnection, state: LakeState) -> None:
    """Creates lake_prunes: the last prune; without rows before the first one."""
    pruned = state.pruned
    prunes = [] if pruned is None else [
        {
            "pruned_before": pruned.before,
            "time_zone": pruned.time_zone,
            "event_count": pruned.events,
            "session_count": pruned.sessions,
            "queried_streams": pruned.queried,
            "pruned_at": datetime.fromisoformat(pruned.pruned_at).replace(tzinfo=None),
        }
    ]  # fmt: skip
    create_table(con, "lake_prunes", _PRUNE_COLUMNS, prunes)


def find_leaving(con: duckdb.DuckDBPyConnection, time: datetime) -> None:
    """Leaves leaving_sessions and staying_events of the build that the connection uses."""
    for name in ("leaving_sessions", "staying_events"):
        con.execute(f"create or replace temp table {name} as {text_of(name)}", {"time": time})


def write_kept(
    con: duckdb.DuckDBPyConnection, folder: Path, before: date, pattern_sessions: int
) -> None:
    """Writes the files that the next builds read, after find_leaving and lay_out_kept."""
    folder.mkdir(parents=True, exist_ok=True)
    (earlier,) = con.execute("select max(pruned_before) from lake_prunes").fetchall()[0]
    known = {
        "pruned_before": before,
        "kept_before": earlier,
        "pattern_sessions": pattern_sessions,
    }
    for name, file in _FILES.items():
        text = text_of(name)
        params = {word: value for word, value in known.items() if f"${word}" in text}
        con.execute(f"copy ({text}) to {quoted(folder / file)} ({_FORM})", params)


def text_of(name: str) -> str:
    """The text of a file of prune_sql."""
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")
