"""What a home holds, for comparing two of them."""

from pathlib import Path
from typing import Any

import duckdb

from etl.lake import Lake
from etl.lake.schema import EVENT_COLUMNS, names_of

# What differs between two builds that say the same: times, and the ways they came about.
_SAME = {
    "load_runs": "select * exclude (loaded_at, seconds) from load_runs",
    # Numbers of users are others, and tell the same users apart.
    "user_sessions": "select * exclude (user_key), "
    "min(session_id) over (partition by user_key) as first_of_user from user_sessions",
    **{
        table: f"select * exclude (user_key) from {table}"
        for table in ("users", "chat_turns", "chats", "responses")
    },
    "models": "select name, layer, sentence from models",
    "identity_pairs": "select source, anonymous_id, user_id, min(first_time), max(last_time), "
    "sum(event_count) from identity_pairs group by all",
}
_WAYS = ("event_parts", "replaced_sessions", "table_parts", "gone_rows")


def tables(path: Path) -> dict[str, list[Any]]:
    """Every table and view of a build file, sorted, without what differs between equal builds."""
    with duckdb.connect(path, read_only=True) as con:
        names = con.execute(
            "select table_name from duckdb_tables() "
            "union all select view_name from duckdb_views() "
            "where not internal and schema_name = 'main' order by 1"
        ).fetchall()
        return {
            name: con.execute(f"from ({_SAME.get(name, f'from {name}')}) order by all").fetchall()
            for (name,) in names
            if name not in _WAYS
        }


def lake_rows(home: Path) -> list[Any]:
    """Every event of the lake, in the order of source and id."""
    lake = Lake(home)
    files = [str(lake.root / name) for name in lake.event_files()]
    columns = names_of(EVENT_COLUMNS)
    if not files:
        return []
    with duckdb.connect() as con:
        return con.execute(
            f"select {columns} from read_parquet($files, hive_partitioning = false) "
            "order by source, event_id",
            {"files": files},
        ).fetchall()


def assert_lake_is_tidy(home: Path) -> None:
    """Every file of the lake is named by its log, and nothing is left half-way."""
    lake = Lake(home)
    state = lake.state()
    assert lake.orphans(state) == []
    for file in state.files.values():
        assert state.path_of(file).stat().st_size == file.bytes, file.name
    left = [path for path in home.rglob("*") if path.suffix in (".tmp", ".building")]
    assert left == []
