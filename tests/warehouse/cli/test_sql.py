"""dwell sql: answers in every format, and nothing but answers."""

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from tests.warehouse.cli.conftest import Dwell


def test_sql_answers_in_every_format(dwell: Dwell, events: Path) -> None:
    dwell("load", str(events))
    query = "select user_id, event_count, tags from user_sessions order by user_id"
    table = dwell("sql", query).out
    assert "user_id" in table
    assert "ann" in table
    csv = dwell("sql", query, "--format", "csv", "--output", "a.csv")
    assert csv.code == 0
    assert pl.read_csv("a.csv")["user_id"].to_list() == ["ann", "bob"]
    dwell("sql", query, "--format", "json", "--output", "a.json")
    assert json.loads(Path("a.json").read_text())[1]["tags"] == ["x", "y"]
    dwell("sql", query, "--format", "parquet", "--output", "a.parquet")
    assert pl.read_parquet("a.parquet")["event_count"].to_list() == [2, 1]


def test_one_query_may_end_with_a_semicolon(dwell: Dwell, events: Path) -> None:
    dwell("load", str(events))
    assert json.loads(dwell("sql", "select 1 as n; -- one", "--json").out) == [{"n": 1}]


def test_a_table_too_wide_for_a_line_is_turned_and_no_name_is_broken(
    dwell: Dwell, events: Path
) -> None:
    dwell("load", str(events))
    columns = [f"a_column_of_some_length_{number}" for number in range(12)]
    query = "select " + ", ".join(f"'x{n}\n' as {name}" for n, name in enumerate(columns))
    lines = dwell("sql", query).out.splitlines()
    assert lines[0] == "── row 1 ──"
    assert [line.split() for line in lines[1:]] == [
        [name, f"x{n}"] for n, name in enumerate(columns)
    ]
    few = dwell("sql", f"select 1 as {columns[0]}, 2 as {columns[1]}").out
    assert f"│ {columns[0]} ┆ {columns[1]} │" in few
    assert "No rows. Columns: " + ", ".join(columns) in dwell("sql", f"{query} limit 0").out


@pytest.mark.parametrize(
    "query",
    [
        "create table x as select 1",
        "delete from user_sessions",
        "insert into settings values ('a', 'b', 'c', 'd')",
        "drop table user_sessions",
        "update user_sessions set user_id = 'x'",
        "copy user_sessions to 'stolen.csv'",
        "select * from read_csv('events.ndjson')",
        "select * from read_text('events.ndjson')",
        "select * from 'events.ndjson'",
        "select * from glob('*')",
        "attach 'other.duckdb'",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "set lock_configuration = false",
        "export database 'stolen'",
        "select 1; drop table user_sessions",
        "select 1; select 2",
    ],
)
def test_sql_refuses_to_write_or_to_read_files(dwell: Dwell, events: Path, query: str) -> None:
    dwell("load", str(events))
    before = sorted(path.name for path in Path().iterdir())
    result = dwell("sql", query)
    assert result.code == 2
    assert "Traceback" not in result.err
    assert sorted(path.name for path in Path().iterdir()) == before
    rows = dwell("sql", "select count(*) as n from user_sessions", "--json").out
    assert json.loads(rows) == [{"n": 2}]


def test_deleted_builds_come_back_the_same_from_the_lake(dwell: Dwell, events: Path) -> None:
    query = "select * from user_sessions order by session_id"
    dwell("load", str(events))
    before = dwell("sql", query, "--json").out
    shutil.rmtree("data/builds")
    assert dwell("build", "--full").code == 0
    assert dwell("sql", query, "--json").out == before
