"""How a home is: freshness, rows by source, what was refused and what changed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from etl.collector.spool_files import mark_folder
from etl.lake import Batch, Lake, LakeState
from tests.make import NOON, build_home, commit_events, event, load_files, settings_of, write_ndjson
from warehouse.health import (
    Collected,
    doubted_files,
    last_loads,
    per_source,
    rejected,
    schema_changes,
    state,
)

ROW = {"user": "ann", "time": "2026-03-10T12:00:00Z", "event": "x"}
AS_OF = datetime(2026, 3, 10, 12, tzinfo=UTC)


def batches_of(folder: Path) -> list[Batch]:
    """The batches of a home with files of web, app and web again, loaded an hour apart."""
    home = folder / "home"
    for source, hours in (("web", 2), ("app", 5), ("web", 1)):
        commit_events(home, [event(timedelta(hours=hours), source=source)])
    return [
        batch._replace(loaded_at=f"2026-03-10T{13 + number}:00:00+00:00")
        for number, batch in enumerate(Lake(home).batches())
    ]


@contextmanager
def table_of(batches: list[Batch]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with lake_batches."""
    with LakeState(Path(), recent=tuple(batches)).batch_table() as con:
        yield con


def test_state_before_the_first_load_knows_nothing(tmp_path: Path) -> None:
    home = state(settings_of(tmp_path / "home"))
    assert (home.build, home.path, home.built_at, home.as_of) == (None,) * 4
    assert (home.data_age_seconds, home.sessions, home.events) == (None, 0, 0)
    assert home.builds_kept == home.sources == home.rejected == home.last_loads == []
    assert not (tmp_path / "home").exists()


def test_state_tells_build_age_and_rows(tmp_path: Path) -> None:
    path = tmp_path / "home"
    load_files(path, write_ndjson(tmp_path / "a.ndjson", [ROW, "{oops"]), source="web")
    build = build_home(path)
    load_files(path, write_ndjson(tmp_path / "b.ndjson", [ROW | {"event": "y"}]), source="app")
    home = state(settings_of(path), now=AS_OF + timedelta(seconds=90))
    assert (home.build, home.path, home.builds_kept) == (1, build.path, [1])
    assert (home.as_of, home.data_age_seconds) == (NOON, 90.0)
    assert (home.sessions, home.events, home.batches_not_in_build) == (1, 1, 1)
    assert [(totals.source, totals.rows_read) for totals in home.sources] == [
        ("app", 1),
        ("web", 2),
    ]
    (rows,) = home.rejected
    assert (rows.source, rows.reason, rows.row_count) == ("web", "not valid JSON", 1)
    assert (rows.first_line, rows.example) == (2, "{oops")
    assert [Path(load.file).name for load in home.last_loads] == ["b.ndjson", "a.ndjson"]


def test_totals_of_a_source_span_all_its_files(tmp_path: Path) -> None:
    with table_of(batches_of(tmp_path)) as con:
        app, web = per_source(con)
    assert (app.source, app.files, app.rows_loaded) == ("app", 1, 1)
    assert (web.source, web.files, web.rows_read, web.formats) == ("web", 2, 2, ["events"])
    assert web.first_event_time == "2026-03-10T13:00:00"
    assert web.last_event_time == "2026-03-10T14:00:00"
    assert web.last_loaded_at == "2026-03-10T15:00:00+00:00"


def test_totals_of_a_source_without_events_have_no_times(tmp_path: Path) -> None:
    none = [
        batch._replace(first_event_time=None, last_event_time=None)
        for batch in batches_of(tmp_path)
    ]
    with table_of(none) as con:
        sources = per_source(con)
    assert {totals.first_event_time for totals in sources} == {None}
    assert {totals.last_event_time for totals in sources} == {None}


def test_last_loads_come_newest_first_and_so_many(tmp_path: Path) -> None:
    with table_of(batches_of(tmp_path)) as con:
        assert [load.source for load in last_loads(con, 2)] == ["web", "app"]
        assert len(last_loads(con, 9)) == 3
        assert last_loads(con, 0) == []


@pytest.mark.parametrize(
    ("field", "asked"), [("schema_changes", schema_changes), ("warnings", doubted_files)]
)
def test_what_files_told_is_that_of_the_five_newest(
    tmp_path: Path, field: str, asked: Callable[..., list[Any]]
) -> None:
    first = batches_of(tmp_path)[0]
    batches = [
        first._replace(
            number=number,
            file=f"{number}.csv",
            **{field: ("A sentence.",) if number % 2 else ()},
        )
        for number in range(14)
    ]
    with table_of(batches) as con:
        told = asked(con)
    assert [file.file for file in told] == [f"{number}.csv" for number in (13, 11, 9, 7, 5)]
    assert getattr(told[0], field) == ("A sentence.",)


def test_rejected_rows_of_no_build_are_none(tmp_path: Path) -> None:
    assert rejected(tmp_path / "home") == []


def test_what_the_collector_accepted_and_no_load_has_taken_is_told(tmp_path: Path) -> None:
    path = tmp_path / "home"
    folder = mark_folder(path, "web")
    names = [f"collected-20260310T1{hour}0000000000-7-1.ndjson" for hour in range(3)]
    loaded = write_ndjson(folder / names[0], [ROW])
    load_files(path, loaded, source="web")
    settings = settings_of(path)
    assert state(settings).collected == []
    write_ndjson(folder / names[1], [ROW, ROW])
    write_ndjson(folder / f"{names[2]}.open", [ROW])
    size = (folder / names[1]).stat().st_size
    since = "2026-03-10T11:00:00+00:00"
    assert state(settings).collected == [Collected("web", 1, size, 1, since)]
    load_files(path, folder / names[1], source="web")
    assert [(left.waiting_files, left.open_files) for left in state(settings).collected] == [(0, 1)]
