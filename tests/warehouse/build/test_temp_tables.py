"""The tables that the steps of a build leave each other, as docs/builds.md lists them."""

import re
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from etl.lake.schema import EVENT_COLUMNS
from tests.make import NOON, build_home, commit_events, event
from warehouse.build import build_file, day_chunks, sessioniser
from warehouse.build.model_inputs import INPUTS

ROOT = Path(__file__).parents[3]
LATER = (NOON + timedelta(days=9)).replace(tzinfo=UTC)
ROW = re.compile(r"^\| `([\w.]+)` \| ([^|]+) \| [^|]+ \| [^|]+ \|$", re.MULTILINE)
EVENTS = [column.name for column in EVENT_COLUMNS]


def listed() -> dict[str, list[str]]:
    """Table → its columns, as the document says."""
    text = (ROOT / "docs/builds.md").read_text(encoding="utf-8")
    section = text.split("## Tables while a build is made")[1].split("\n## ")[0]
    return {
        name: EVENTS if columns == "those of events" else columns.split(", ")
        for name, columns in ROW.findall(section)
    }


def named_in_code() -> set[str]:
    """The tables that Python and SQL of the build name."""
    build = ROOT / "warehouse/build"
    files = [path for kind in ("py", "sql") for path in build.rglob(f"*.{kind}")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    temporary = re.findall(r"create (?:or replace )?temp (?:table|view) (\w+) as", text)
    working = re.findall(r"\b(working\.\w+[a-z])\b", text)
    kept = re.findall(r'_keep\(con, "(\w+)"', text)
    return {*temporary, *working, *(f"working.{name}" for name in kept)}


def tables_of(con: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Table → its columns, of `working` and of the connection."""
    rows = con.execute(
        "select if(database_name = 'working', 'working.', '') || table_name, "
        "list(column_name order by column_index) from duckdb_columns() "
        "where database_name in ('working', 'temp') group by all"
    ).fetchall()
    return dict(rows)


@pytest.fixture
def left(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """The tables that are there at the end of each step of the builds that a test makes."""
    tables: dict[str, list[str]] = {}

    def look_after(module: Any, name: str, place: int) -> None:
        real = getattr(module, name)

        def step(*args: Any, **options: Any) -> Any:
            answer = real(*args, **options)
            tables.update(tables_of(args[place]))
            return answer

        monkeypatch.setattr(module, name, step)

    look_after(sessioniser, "_set_aside", 1)
    look_after(build_file, "finish_marts", 0)
    return tables


def test_the_tables_that_steps_leave_have_the_columns_that_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: dict[str, list[str]]
) -> None:
    monkeypatch.setattr(day_chunks, "LAKE_BYTES", 0)
    monkeypatch.setattr(day_chunks, "CHUNK_BYTES", 1)
    home = tmp_path / "home"
    trackers = [
        event(hours * timedelta(hours=1), stream="tracker", source="trk", tracker_session_id="s1")
        for hours in (1, 13)
    ]
    # A session over midnight UTC lies in two chunks.
    over_midnight = [event(timedelta(hours=11, minutes=55 + number)) for number in range(10)]
    commit_events(home, [*trackers, *over_midnight])
    build_home(home, now=LATER)
    commit_events(home, [event(timedelta(hours=12, minutes=30), anonymous_id="a")])
    assert build_home(home, now=LATER).reason == "new events"
    wanted = {name: columns for name, columns in listed().items() if "those of" not in columns[0]}
    seen = {name: left[name] for name in wanted if name in left}
    assert seen == {name: wanted[name] for name in seen}
    unseen = {"failed_loads", "leaving_sessions", "staying_events"}
    unseen |= {"old_texts", "repeated_texts", "users_known"}
    assert wanted.keys() - seen.keys() <= unseen


def test_every_table_of_the_build_s_steps_is_listed() -> None:
    models = {path.stem for path in (ROOT / "warehouse/models").rglob("*.sql")}
    assert named_in_code() - models - set(INPUTS) - listed().keys() == set()


def test_no_table_is_listed_that_no_step_leaves() -> None:
    text = "\n".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "warehouse/build").rglob("*")
        if path.suffix in (".py", ".sql")
    )
    for name in listed():
        assert re.search(rf"\b{name.removeprefix('working.')}\b", text), name
