"""Merging small files: the same events afterwards, in every order of what else may happen."""

import random
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

import etl.lake.compact
from etl.lake import Lake, locked
from etl.lake.compact import A_DAY_MAY_HAVE, compact
from etl.lake.schema import EVENT_COLUMNS
from tests.homes import assert_lake_is_tidy, lake_rows, tables
from tests.make import build_home, load_files, write_ndjson

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


def merge(home: Path, *, everything: bool = True) -> int:
    """Merges the small files of a home; how many fewer."""
    with locked(home), duckdb.connect() as con:
        return compact(con, Lake(home), everything=everything)


def test_a_merged_lake_makes_the_same_build_from_one_file_per_source_and_day(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    for source in ("web", "app"):
        load_files(home, *write_exports(tmp_path / source), source=source, map={"user": "uid"})
    before = tables(build_home(home, full=True).path)
    files = len(Lake(home).event_files())
    assert merge(home) == files - 6
    assert len(Lake(home).event_files()) == 6
    assert_lake_is_tidy(home)
    assert not build_home(home).is_new
    assert tables(build_home(home, full=True).path) == before


def test_what_is_in_a_merged_file_is_known_to_later_loads(tmp_path: Path) -> None:
    home = tmp_path / "home"
    exports = write_exports(tmp_path / "exports")
    load_files(home, *exports, source="web", map={"user": "uid"})
    merge(home)
    before = lake_rows(home)
    again = write_ndjson(tmp_path / "again.ndjson", [*rows_of(0), *rows_of(3), {"uid": "new"}])
    (outcome,) = load_files(home, again, source="web", map={"user": "uid"})
    assert (outcome.rows_loaded, outcome.rows_duplicate, outcome.rows_rejected) == (0, 80, 1)
    assert [
        one.status for one in load_files(home, *exports, source="web", map={"user": "uid"})
    ] == ["unchanged"] * len(exports)
    assert lake_rows(home) == before


@pytest.mark.parametrize("days", [3, 130], ids=["few days", "many days"])
def test_a_merged_file_is_sorted_typed_and_in_the_folder_of_its_day(
    tmp_path: Path, days: int
) -> None:
    home = tmp_path / "home"
    exports = [
        write_ndjson(tmp_path / f"{n}.ndjson", rows_of(n * 2, days, rows=400)) for n in range(2)
    ]
    load_files(home, *exports, source="web", map={"user": "uid"})
    before = lake_rows(home)
    assert merge(home) == days
    assert lake_rows(home) == before
    for name in Lake(home).event_files():
        with duckdb.connect() as con:
            found = con.sql(
                f"from read_parquet('{home / 'lake' / name}', hive_partitioning = false)"
            )
            assert found.columns == [column.name for column in EVENT_COLUMNS]
            rows = found.fetchall()
        keys = [(row[3], row[5], row[0]) for row in rows]
        assert keys == sorted(keys)
        assert {f"event_date={row[5].date()}" for row in rows} == {name.split("/")[1]}


@pytest.mark.parametrize("seed", range(6))
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
    with locked(merged):
        Lake(merged).sweep()
    assert_lake_is_tidy(merged)


def test_a_load_merges_what_earlier_loads_left_once_a_day_has_many_files(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for number in range(A_DAY_MAY_HAVE + 1):
        row = {"user": f"u{number}", "time": START + number, "event": "x"}
        load_files(home, write_ndjson(tmp_path / f"{number}.ndjson", [row]), source="web")
        assert len(Lake(home).event_files()) == number + 1
    before = lake_rows(home)
    load_files(home, tmp_path / "0.ndjson", source="web")
    assert len(Lake(home).event_files()) == 1
    assert lake_rows(home) == before


def test_days_with_few_files_are_merged_once_the_lake_has_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    load_files(home, *write_exports(tmp_path / "exports"), source="web", map={"user": "uid"})
    monkeypatch.setattr(etl.lake.compact, "THE_LAKE_MAY_HAVE", 8)
    assert merge(home, everything=False) == 9
    assert merge(home, everything=False) == 0


def test_large_files_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    load_files(home, *write_exports(tmp_path / "exports"), source="web", map={"user": "uid"})
    monkeypatch.setattr(etl.lake.compact, "SMALL", 10)
    assert merge(home) == 0


def test_rows_of_a_batch_whose_record_was_taken_away_leave_the_merged_file(
    tmp_path: Path,
) -> None:
    home, other = tmp_path / "home", tmp_path / "other"
    first, second = write_exports(tmp_path / "exports", files=2)
    outcome, _ = load_files(home, first, second, source="web", map={"user": "uid"})
    merge(home)
    (Lake(home).commits_folder / f"{outcome.batch_id}.json").unlink()
    merge(home)
    load_files(home, first, source="web", map={"user": "uid"})
    load_files(other, second, first, source="web", map={"user": "uid"})
    assert len(lake_rows(home)) == len(lake_rows(other))
    assert [row[0] for row in lake_rows(home)] == [row[0] for row in lake_rows(other)]


def test_a_merge_that_fails_is_told_and_stops_no_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    exports = write_exports(tmp_path / "exports")
    load_files(home, *exports[:3], source="web", map={"user": "uid"})
    before = lake_rows(home)
    monkeypatch.setattr(etl.lake.compact, "A_DAY_MAY_HAVE", 1)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("etl.lake.rewrite.flush", full)
    told, loaded = load_files(home, exports[0], exports[0], source="web", map={"user": "uid"})[:2]
    assert told.status == "failed"
    assert "could not be merged" in str(told.message)
    assert "No space left" in str(told.message)
    assert loaded.status == "unchanged"
    assert lake_rows(home) == before
    assert_lake_is_tidy(home)


def test_a_layout_that_cannot_be_read_is_an_error_that_names_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    load_files(home, *write_exports(tmp_path / "exports"), source="web", map={"user": "uid"})
    merge(home)
    (home / "lake" / "layout.json").write_text('{"number": 1}')
    with pytest.raises(Exception, match=r"layout\.json cannot be read"):
        lake_rows(home)


@pytest.mark.parametrize("moved", [0, 1, 2, 3])
def test_a_merge_that_was_killed_while_it_moved_files_is_finished_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moved: int
) -> None:
    home = tmp_path / "home"
    load_files(home, *write_exports(tmp_path / "exports"), source="web", map={"user": "uid"})
    before = lake_rows(home)
    left = moved
    replace = Path.replace

    def some(path: Path, target: Path) -> Path:
        nonlocal left
        if "arranging" in path.parts:
            if left == 0:
                raise KeyboardInterrupt
            left -= 1
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", some)
    with pytest.raises(KeyboardInterrupt):
        merge(home)
    monkeypatch.undo()
    shutil.copytree(home, tmp_path / "copy")
    for one in (home, tmp_path / "copy"):
        with locked(one):
            Lake(one).sweep()
        assert lake_rows(one) == before
        assert len(Lake(one).event_files()) == 3
        assert_lake_is_tidy(one)
    build_home(home)
    assert [path.name for path in Lake(home).origins.iterdir()] == ["merged-1-0.parquet"]
