"""Loads after a prune: what is older than the cut stays out, whatever way it comes back."""

import json
from datetime import date
from pathlib import Path

import pytest

import warehouse
from etl.lake import Lake
from etl.lake.checksums import signed
from tests.homes import lake_rows, tables
from tests.make import build_home, load_files, write_ndjson
from tests.warehouse.build.conftest import clicks, prune_home


def test_rows_of_the_pruned_past_are_rejected_without_their_text(
    visited: Path, tmp_path: Path
) -> None:
    prune_home(visited, before=date(2026, 3, 2))
    (again,) = load_files(visited, tmp_path / "visits.ndjson", source="web")
    assert again.status == "unchanged"
    late = [
        *clicks("ann", "03-01 09:00", "03-03 09:00", "03-04 09:00"),
        *clicks("eve", "03-01 23:59", "03-02 00:00"),
    ]
    (outcome,) = load_files(visited, write_ndjson(tmp_path / "late.ndjson", late), source="web")
    assert (outcome.rows_read, outcome.rows_loaded) == (5, 2)
    assert (outcome.rows_duplicate, outcome.rows_rejected) == (1, 2)
    build_home(visited)
    with warehouse.open(visited) as wh:
        rejected = wh.sql(
            "select reason, row_count, first_line, example from rejected_summary "
            "where reason <> 'no user'"
        ).fetchall()
        assert rejected == [("before the pruned horizon", 2, 1, None)]
        assert wh.sql(
            "select min(stat_date), sum(total_sessions) from daily_session_stats "
            "where stream = 'all'"
        ).fetchall() == [(date(2026, 3, 1), 7)]


def test_rejected_rows_that_were_loaded_before_the_cut_leave_with_it(
    visited: Path, tmp_path: Path
) -> None:
    lake = Lake(visited)
    (record,) = lake.log.folder.glob("*.json")
    loaded_at = lake.batches()[0].loaded_at
    content = json.loads(record.read_text().replace(loaded_at, "2026-03-01T12:00:00+00:00"))
    record.write_text(json.dumps(signed({k: v for k, v in content.items() if k != "checksum"})))
    prune_home(visited, before=date(2026, 3, 2))
    assert lake.state().of_kind("rejected") == []
    assert list((lake.root / "rejected").glob("*.parquet")) == []
    with warehouse.open(visited) as wh:
        assert wh.sql("select count(*) from rejected_summary").fetchall() == [(0,)]
        assert wh.sql("select rows_rejected from load_runs").fetchall() == [(1,)]


def test_a_file_read_in_another_way_after_a_prune_replaces_what_is_left_of_it(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    rows = [{**row, "who": "x"} for row in clicks("cid", "03-01 23:50", "03-02 00:10")]
    files = [
        write_ndjson(tmp_path / "a.ndjson", rows),
        write_ndjson(
            tmp_path / "b.ndjson",
            [*clicks("dan", "03-01 23:55", "03-02 00:05"), *clicks("eve", "03-01 01:00")],
        ),
    ]
    load_files(home, *files, source="web")
    prune_home(home, before=date(2026, 3, 2))
    assert len(lake_rows(home)) == 4
    (outcome,) = load_files(home, files[0], source="web", map={"user": "who"})
    assert (outcome.rows_loaded, outcome.rows_rejected) == (1, 1)
    assert sorted((row[3], str(row[5])) for row in lake_rows(home)) == [
        ("dan", "2026-03-01 23:55:00"),
        ("dan", "2026-03-02 00:05:00"),
        ("x", "2026-03-02 00:10:00"),
    ]


def test_a_load_after_a_prune_that_was_killed_before_its_build_takes_events_out_too(
    tmp_path: Path, visited: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_home(visited)
    builds = iter([build_home(visited)])
    with monkeypatch.context() as patched:
        patched.setattr("warehouse.build.prune.build", lambda *_, **__: next(builds))
        with pytest.raises(StopIteration):
            prune_home(visited, before=date(2026, 3, 3))
    load_files(visited, write_ndjson(tmp_path / "more.ndjson", clicks("zoe", "03-03 09:00")))
    build = build_home(visited)
    assert build.reason == "old events pruned"
    assert tables(build.path) == tables(build_home(visited, full=True).path)
