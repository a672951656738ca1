"""The lake's columns: files that were written before a column was added stay what they are."""

from pathlib import Path

import duckdb
import pytest

from etl.lake import Lake
from etl.lake.compact import compact
from etl.lake.schema import EVENT_COLUMNS, REJECTED_COLUMNS, empty_table, table_in
from tests.make import load_files, write_ndjson

EVENTS = ({"user_id": "ann", "time": f"2026-03-10T12:00:0{n}Z", "event": "click"} for n in range(9))


def write_file(path: Path, **columns: str) -> Path:
    """A Parquet file of one row with these columns (name → SQL)."""
    select = ", ".join(f"{sql} as {name}" for name, sql in columns.items())
    duckdb.execute(f"copy (select {select}) to '{path}' (format parquet)")
    return path


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(("old", "new"), id="the old file first"),
        pytest.param(("new", "old"), id="the new file first"),
    ],
)
def test_table_in_files_has_null_where_a_file_lacks_a_column(
    tmp_path: Path, order: tuple[str, str]
) -> None:
    columns = [c for c in EVENT_COLUMNS if c.name in ("event_id", "chat_id", "tags")]
    files = {
        "old": write_file(tmp_path / "old.parquet", event_id="'a'"),
        "new": write_file(tmp_path / "new.parquet", event_id="'b'", tags="['x']", chat_id="'c1'"),
    }
    with duckdb.connect() as con:
        relation = table_in([files[name] for name in order], columns, "file_row_number = true")
        rows = con.sql(f"from {relation} order by event_id").fetchall()
    assert rows == [("a", None, None, 0), ("b", "c1", ["x"], 0)]


def test_table_in_files_that_all_lack_a_column_has_it(tmp_path: Path) -> None:
    file = write_file(tmp_path / "old.parquet", event_id="'a'")
    with duckdb.connect() as con:
        found = con.sql(f"from {table_in([file], EVENT_COLUMNS)}")
        assert found.columns == [column.name for column in EVENT_COLUMNS]
        assert [str(kind) for kind in found.types] == [column.type for column in EVENT_COLUMNS]
        assert len(found.fetchall()) == 1


def test_empty_table_has_the_columns_and_no_row() -> None:
    with duckdb.connect() as con:
        found = con.sql(empty_table(REJECTED_COLUMNS))
        assert found.columns == [column.name for column in REJECTED_COLUMNS]
        assert found.fetchall() == []


def test_merging_files_of_before_and_after_a_column_was_added_keeps_all_rows(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    for number, event in enumerate(EVENTS):
        chat = {"chat_id": f"chat-{number}"} if number % 2 else {}
        load_files(home, write_ndjson(tmp_path / f"{number}.ndjson", [event | chat]), source="web")
    lake = Lake(home)
    for name in lake.event_files()[::2]:
        without_column(lake.root / name, "chat_id")
    with duckdb.connect() as con:
        compact(con, lake, lake.state(), everything=True)
        (file,) = lake.event_files()
        rows = con.sql(
            f"select event_time, chat_id from '{lake.root / file}' order by event_time"
        ).fetchall()
    assert [chat for _, chat in rows] == [f"chat-{n}" if n % 2 else None for n in range(9)]


def without_column(path: Path, name: str) -> None:
    """Makes a file of the lake one of before a column was added."""
    with duckdb.connect() as con:
        rows = con.sql(f"select * exclude ({name}) from '{path}'").to_arrow_table()
        con.execute(f"copy rows to '{path}' (format parquet)")
    assert rows.num_rows == 1
