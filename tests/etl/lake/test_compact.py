"""Merging small files: the same events afterwards, in every order of what else may happen."""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

import etl.lake.compact
import etl.lake.spans
from etl.lake import Lake, LakeState, locked
from etl.lake.compact import A_SPAN_MAY_HAVE, compact
from etl.lake.records import LakeFile
from etl.lake.schema import FILE_COLUMNS
from tests.homes import assert_lake_is_tidy, lake_rows, tables
from tests.make import build_home, lake_table, load_files, write_ndjson
from tests.search import some

DAY = 86_400
START = 1_773_100_800


def rows_of(number: int, days: int = 3, rows: int = 40) -> list[dict[str, Any]]:
    """Events of one export; half of them are in the next one, too."""
    return [
        {"uid": f"u{row * 7 % 13}", "who": f"v{row % 5}", "time": START + row * days * DAY // rows,
         "event": "click", "n": number * rows // 2 + row}
        for row in range(rows)
    ]  # fmt: skip


def write_exports(folder: Path, files: int = 4, days: int = 3) -> list[Path]:
    """Exports that overlap."""
    return [write_ndjson(folder / f"{n}.ndjson", rows_of(n, days)) for n in range(files)]


def load_each(home: Path, files: Iterable[Path], source: str = "web") -> None:
    """Loads files one after the other, so that each leaves files of its own."""
    for file in files:
        load_files(home, file, source=source, map={"user": "uid"})


def merge(home: Path, *, everything: bool = True) -> int:
    """Merges the small files of a home; how many fewer."""
    with locked(home), duckdb.connect() as con:
        lake = Lake(home)
        before = lake.sweep()
        return len(before.events) - len(compact(con, lake, before, everything=everything).events)


def test_a_merged_lake_makes_the_same_build_from_one_file_per_source_and_span(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    for source in ("web", "app"):
        load_each(home, write_exports(tmp_path / source), source)
    before = tables(build_home(home, full=True).path)
    assert merge(home) == 6
    assert len(Lake(home).event_files()) == 2
    assert_lake_is_tidy(home)
    assert not build_home(home).is_new
    assert tables(build_home(home, full=True).path) == before


def test_what_is_in_a_merged_file_is_known_to_later_loads(tmp_path: Path) -> None:
    home = tmp_path / "home"
    exports = write_exports(tmp_path / "exports")
    load_each(home, exports)
    merge(home)
    before = lake_rows(home)
    again = write_ndjson(tmp_path / "again.ndjson", [*rows_of(0), *rows_of(3), {"uid": "new"}])
    (outcome,) = load_files(home, again, source="web", map={"user": "uid"})
    assert (outcome.rows_loaded, outcome.rows_duplicate, outcome.rows_rejected) == (0, 80, 1)
    assert [
        one.status for one in load_files(home, *exports, source="web", map={"user": "uid"})
    ] == ["unchanged"] * len(exports)
    assert lake_rows(home) == before


@pytest.mark.parametrize(
    ("most_rows", "length"), [(1_000_000, 4), (400, 7), (100, 10)], ids=["year", "month", "day"]
)
def test_a_merged_file_is_sorted_typed_and_of_one_span(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most_rows: int, length: int
) -> None:
    monkeypatch.setattr(etl.lake.spans, "MOST_ROWS", most_rows)
    monkeypatch.setattr(etl.lake.compact, "MOST_ROWS", most_rows)
    home = tmp_path / "home"
    load_each(
        home,
        [write_ndjson(tmp_path / f"{n}.ndjson", rows_of(n * 2, 130, rows=400)) for n in range(3)],
    )
    before = lake_rows(home)
    merge(home)
    assert lake_rows(home) == before
    spans = []
    for name in Lake(home).event_files():
        with duckdb.connect() as con:
            found = con.sql(f"from '{home / 'lake' / name}'")
            assert found.columns == [column.name for column in FILE_COLUMNS]
            rows = found.fetchall()
        keys = [(row[3], row[5], row[0]) for row in rows]
        assert keys == sorted(keys)
        span = name.split("/")[2]
        assert {str(row[5])[: len(span)] for row in rows} == {span}
        spans.append(span)
    assert len(set(spans)) == len(spans)
    # At the ends a month, or the year, may have few.
    assert length in {len(span) for span in spans}


@pytest.mark.parametrize("seed", range(some(1, of=6)))
def test_reading_files_anew_merging_and_loading_in_any_order_make_the_same_lake(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    exports = write_exports(tmp_path / "exports")
    plain, merged = tmp_path / "plain", tmp_path / "merged"
    for _ in range(10):
        export, user = chance.choice(exports), chance.choice(("uid", "who"))
        for home in (plain, merged):
            load_files(home, export, source="web", map={"user": user})
        if chance.random() < 0.5:
            merge(merged)
        assert lake_rows(merged) == lake_rows(plain)
        numbers = {row["batch_number"] for row in lake_table(merged, "events")}
        assert numbers <= {batch.number for batch in Lake(merged).batches()}
    assert_lake_is_tidy(merged)


def test_a_load_merges_what_earlier_loads_left_once_a_span_has_many_files(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for number in range(A_SPAN_MAY_HAVE + 1):
        row = {"user": f"u{number}", "time": START + number, "event": "x"}
        load_files(home, write_ndjson(tmp_path / f"{number}.ndjson", [row, "{"]), source="web")
        assert len(Lake(home).event_files()) == number + 1
    before = lake_rows(home)
    load_files(home, tmp_path / "0.ndjson", source="web")
    assert len(Lake(home).event_files()) == 1
    assert len(Lake(home).state().of_kind("rejected")) == 1
    assert lake_rows(home) == before
    assert len(lake_table(home, "rejected")) == A_SPAN_MAY_HAVE + 1
    assert_lake_is_tidy(home)


def test_large_files_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    load_each(home, write_exports(tmp_path / "exports"))
    monkeypatch.setattr(etl.lake.compact, "SMALL", 10)
    assert merge(home) == 0


def test_files_that_were_merged_stay_readable_for_an_hour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    load_each(home, write_exports(tmp_path / "exports"))
    lake = Lake(home)
    listed = lake.event_files()
    assert merge(home) == len(listed) - 1
    load_files(home, tmp_path / "exports" / "0.ndjson", source="web")
    assert all((lake.root / name).exists() for name in listed)
    monkeypatch.setattr("etl.lake.store.GRACE", timedelta(0))
    load_files(home, tmp_path / "exports" / "0.ndjson", source="web")
    assert not any((lake.root / name).exists() for name in listed)
    assert_lake_is_tidy(home)


def test_a_merge_that_fails_is_told_and_stops_no_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    exports = write_exports(tmp_path / "exports")
    load_each(home, exports[:3])
    before = lake_rows(home)
    monkeypatch.setattr(etl.lake.compact, "A_SPAN_MAY_HAVE", 1)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("etl.lake.store.flush", full)
    told, loaded = load_files(home, exports[0], exports[0], source="web", map={"user": "uid"})[:2]
    assert told.status == "failed"
    assert "could not be merged" in str(told.message)
    assert "No space left" in str(told.message)
    assert loaded.status == "unchanged"
    assert lake_rows(home) == before
    assert_lake_is_tidy(home)


def files_of(grain: str, rows: Iterable[int], start: str = "2026-03-01") -> list[LakeFile]:
    """Files of so many rows, of ten bytes a row, an hour each from there on."""
    first = datetime.fromisoformat(start)
    return [
        LakeFile(
            f"events/web/{grain}/{start}-{n}.parquet", "web", rows=count, bytes=count * 10,
            grain=grain, first_time=(first + timedelta(hours=n)).isoformat(),
            last_time=(first + timedelta(hours=n, minutes=59)).isoformat(),
        )
        for n, count in enumerate(rows)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("files", "due"),
    [
        pytest.param(files_of("year", [1] * 8), [], id="eight files are few"),
        pytest.param(files_of("year", [1] * 9), [("year", 9)], id="nine are merged"),
        pytest.param(files_of("year", [1] * 8 + [9_000]), [("year", 8)], id="not into a larger"),
        pytest.param(
            files_of("day", [1] * 9) + files_of("year", [5]), [("year", 10)],
            id="thin days become a year",
        ),
        pytest.param(
            files_of("day", [150_000] * 9) + files_of("day", [9_000] * 9, "2026-05-01"),
            [("day", 9), ("month", 9)],
            id="in a year with many rows, a thin month becomes one",
        ),
        pytest.param(
            files_of("year", [1_500_000]), [], id="a year that has outgrown its file a little"
        ),
        pytest.param(
            files_of("year", [500_000]) + files_of("day", [1_600_000]), [("month", 1)],
            id="a year that has outgrown its file is divided",
        ),
        pytest.param(
            files_of("month", [2_500_000]), [("day", 1)],
            id="a month that has outgrown its file is divided",
        ),
    ],
)  # fmt: skip
def test_what_is_due(tmp_path: Path, files: list[LakeFile], due: list[tuple[str, int]]) -> None:
    state = LakeState(tmp_path, files={file.name: file for file in files})
    found = etl.lake.compact._candidates(state, A_SPAN_MAY_HAVE)
    assert [(one.grain, len(one.old)) for one in found] == due


def test_a_load_merges_a_bounded_amount_the_newest_first(tmp_path: Path) -> None:
    days = [f"2026-{month:02}-01" for month in range(1, 13)]
    files = [file for day in days for file in files_of("month", [99_000] * 9, day)]
    state = LakeState(tmp_path, files={file.name: file for file in files})
    due = list(etl.lake.compact._candidates(state, A_SPAN_MAY_HAVE))
    assert len(due) == len(days)
    some = etl.lake.compact._as_much_as_a_load_does(due)
    assert [one.old[0].first_time[:7] for one in some] == ["2026-12"]
    assert sum(one.bytes for one in some) <= etl.lake.compact.BYTES_A_LOAD
    many = files_of("day", [1] * 1000)
    state = LakeState(tmp_path, files={file.name: file for file in many})
    (one,) = etl.lake.compact._as_much_as_a_load_does(list(etl.lake.compact._candidates(state, 8)))
    assert len(one.old) == etl.lake.compact.FILES_A_LOAD


@pytest.mark.parametrize("rows", [3_000, 200], ids=["equal loads", "small loads"])
def test_files_stay_few_over_thousands_of_loads_and_rows_are_rarely_written_anew(
    tmp_path: Path, rows: int
) -> None:
    state, written, loads = LakeState(tmp_path), 0, 2_000
    files: dict[str, LakeFile] = {}
    for number in range(loads):
        (new,) = files_of("day", [rows])
        new = new._replace(name=f"events/web/x/{number}.parquet")
        files[new.name] = new
        state = LakeState(tmp_path, files=dict(files))
        for one in etl.lake.compact._candidates(state, A_SPAN_MAY_HAVE):
            for file in one.old:
                files.pop(file.name)
            count = sum(file.rows for file in one.old)
            written += count
            merged = one.old[0]._replace(
                name=f"events/web/x/{number}-m.parquet", rows=count, bytes=count * 10
            )
            files[merged.name] = merged
        assert len(files) < 25
    assert written < 6 * loads * rows
