"""dwell sql: answers in every format, and nothing but answers."""

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from tests.warehouse.cli.conftest import Dwell


def test_sql_answers_in_every_format(loaded_events: Dwell) -> None:
    query = (
        "select user_id, event_count, tags, {'a': [1]} as made, [[null], [2]] as lists "
        "from user_sessions order by user_id"
    )
    table = loaded_events("sql", query).out
    assert "user_id" in table
    assert "ann" in table
    csv = loaded_events("sql", query, "--format", "csv", "--output", "a.csv")
    assert csv.code == 0
    rows = pl.read_csv("a.csv")
    assert rows["user_id"].to_list() == ["ann", "bob"]
    assert rows.row(1)[2:] == ('["x", "y"]', "{'a': [1]}", "[[NULL], [2]]")
    loaded_events("sql", query, "--format", "json", "--output", "a.json")
    assert json.loads(Path("a.json").read_text())[1]["tags"] == ["x", "y"]
    loaded_events("sql", query, "--format", "parquet", "--output", "a.parquet")
    assert pl.read_parquet("a.parquet")["event_count"].to_list() == [2, 1]


def test_one_query_may_end_with_a_semicolon(loaded_events: Dwell) -> None:
    assert json.loads(loaded_events("sql", "select 1 as n; -- one", "--json").out) == [{"n": 1}]


def test_a_table_too_wide_for_a_line_is_turned_and_no_name_is_broken(loaded_events: Dwell) -> None:
    columns = [f"a_column_of_some_length_{number}" for number in range(12)]
    query = "select " + ", ".join(f"'x{n}\n' as {name}" for n, name in enumerate(columns))
    lines = loaded_events("sql", query).out.splitlines()
    assert lines[0] == "── row 1 ──"
    assert [line.split() for line in lines[1:]] == [
        [name, f"x{n}"] for n, name in enumerate(columns)
    ]
    few = loaded_events("sql", f"select 1 as {columns[0]}, 2 as {columns[1]}").out
    assert f"│ {columns[0]} ┆ {columns[1]} │" in few
    assert "No rows. Columns: " + ", ".join(columns) in loaded_events("sql", f"{query} limit 0").out


# All else that is refused stands in tests/warehouse/sql_attacks.py.
@pytest.mark.parametrize(
    "query", ["copy user_sessions to 'stolen.csv'", "select * from 'events.ndjson'"]
)
def test_sql_refuses_to_write_or_to_read_files(loaded_events: Dwell, query: str) -> None:
    before = sorted(path.name for path in Path().iterdir())
    result = loaded_events("sql", query)
    assert result.code == 2
    assert "Traceback" not in result.err
    assert sorted(path.name for path in Path().iterdir()) == before


def test_a_query_ends_with_the_settings_of_time_and_memory(
    loaded_events: Dwell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DWELL_QUERY_TIMEOUT", "500 ms")
    monkeypatch.setenv("DWELL_QUERY_MEMORY", "100 MB")
    endless = "with recursive r as (select 1 i union all select i + 1 from r) select max(i) from r"
    for query, setting in (
        (endless, "query_timeout"),
        ("select list(range) from range(100000000)", "query_memory"),
    ):
        result = loaded_events("sql", query)
        assert result.code == 1
        assert setting in result.err
        assert "Traceback" not in result.err
    monkeypatch.setenv("DWELL_QUERY_MEMORY", "1 kB")
    assert 'Wanted: a size from "50 MB" on' in loaded_events("sql", "select 1").err


def test_a_table_ends_where_nobody_reads_on(loaded_events: Dwell) -> None:
    result = loaded_events("sql", "select range from range(10001)")
    assert result.code == 0
    assert "9999" in result.out
    assert "10000" not in result.out
    assert "The first 10,000 rows; --format csv, json or parquet has all." in result.err
    csv = loaded_events("sql", "select range from range(10001)", "--format", "csv")
    assert csv.out.splitlines()[-1] == "10000"


def test_deleted_builds_come_back_the_same_from_the_lake(loaded_events: Dwell) -> None:
    query = "select * from user_sessions order by session_id"
    before = loaded_events("sql", query, "--json").out
    shutil.rmtree("data/builds")
    assert loaded_events("build", "--full").code == 0
    assert loaded_events("sql", query, "--json").out == before
