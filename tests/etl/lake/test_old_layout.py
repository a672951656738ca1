"""Lakes of before the log are turned over: the same rows, and nothing lost at any moment."""

import shutil
import tarfile
from pathlib import Path
from typing import Any

import duckdb
import pytest

from etl.config.settings import load_settings
from etl.errors import SourceError
from etl.lake import Lake, locked, old_layout
from etl.lake.compact import compact
from tests.etl.lake.kills import Killed, killed_at, moments
from tests.homes import assert_lake_is_tidy, lake_rows
from tests.search import some
from warehouse.build import build

# Made by commit a35daef: merged files, a batch that was replaced twice, days that were pruned.
HOMES = Path(__file__).parents[2] / "old_homes"
KILLS = some(25, of=50)


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An old home, to be copied."""
    folder = tmp_path_factory.mktemp("old")
    with tarfile.open(HOMES / "a35daef.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder / "home"


@pytest.fixture
def home(old: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(old, tmp_path / "home")
    return tmp_path / "home"


def rows_as_they_lie(home: Path) -> int:
    """How many rows all files of events have."""
    files = [str(path) for path in (home / "lake" / "events").rglob("*.parquet")]
    with duckdb.connect() as con:
        (count,) = con.execute(
            "select sum(num_rows)::bigint from parquet_file_metadata($files)", {"files": files}
        ).fetchall()[0]
    return int(count)


def said(home: Path) -> tuple[Any, ...]:
    """What a lake says of its batches and events."""
    state = Lake(home).state()
    return state.history, state.last_batch, state.pruned, state.batches(), lake_rows(home)


def test_an_old_lake_says_the_same_before_and_after_it_is_turned_over(
    home: Path,
) -> None:
    before = said(home)
    with locked(home):
        state = Lake(home).sweep()
    assert state.number == 1
    assert said(home) == before
    assert len(before[-1]) == rows_as_they_lie(home)
    assert_lake_is_tidy(home)
    assert not list((home / "lake" / "commits").glob("[!t]*"))
    assert not (home / "lake" / "layout.json").exists()


def test_merges_take_up_old_files_and_keep_every_row(home: Path) -> None:
    before = said(home)
    with locked(home), duckdb.connect() as con:
        lake = Lake(home)
        state = compact(con, lake, lake.sweep(), everything=True)
    assert said(home) == before
    assert {file.grain for file in state.events} <= {"year", "month"}
    assert not [file for file in state.events if file.origins]
    assert_lake_is_tidy(home)
    # Each row still knows its batch: by their numbers there are as many as were loaded and left.
    with duckdb.connect() as con:
        files = [str(state.path_of(file)) for file in state.events]
        numbers = con.execute(
            "select distinct batch_number from read_parquet($files)", {"files": files}
        ).fetchall()
    assert {number for (number,) in numbers} <= {batch.number for batch in state.batches()}


def test_an_old_lake_that_is_killed_while_it_is_turned_over_loses_nothing(
    old: Path, tmp_path: Path
) -> None:
    def work(home: Path) -> None:
        with locked(home), duckdb.connect() as con:
            lake = Lake(home)
            compact(con, lake, lake.sweep(), everything=True)

    undisturbed = tmp_path / "undisturbed"
    shutil.copytree(old, undisturbed)
    before = said(undisturbed)
    steps = moments(lambda: work(undisturbed))
    assert steps > KILLS
    for number in range(KILLS):
        home = tmp_path / f"killed-{number}"
        shutil.copytree(old, home)
        with killed_at(number * steps // KILLS), pytest.raises(Killed):
            work(home)
        assert said(home) == before
        with locked(home):
            Lake(home).sweep()
        assert said(home) == before
        assert_lake_is_tidy(home)
        shutil.rmtree(home)


def test_a_merge_of_the_old_kind_that_was_killed_is_finished_first(
    home: Path,
) -> None:
    before = said(home)
    lake = Lake(home)
    # As a merge leaves it between its record and the last move.
    merged = [file for file in lake.state().events if file.origins]
    assert merged
    for name in (merged[0].name, str(merged[0].origins)):
        target = lake.root / "arranging" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (lake.root / name).replace(target)
    with locked(home):
        lake.sweep()
    assert said(home) == before
    assert_lake_is_tidy(home)


def test_builds_of_an_old_lake_are_the_same_before_and_after(old: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(old.parent, home.parent, dirs_exist_ok=True)
    settings = load_settings(home, home.parent / "dwell.toml")
    with locked(home), duckdb.connect() as con:
        first = build(settings)
        assert first.is_new
        lake = Lake(home)
        compact(con, lake, lake.state(), everything=True)
        second = build(settings)
    assert (second.is_new, second.number) == (False, first.number)


@pytest.mark.parametrize("text", ["{", "{}", '{"batch_id": "x"}', ""])
def test_an_old_record_that_cannot_be_read_is_named_and_nothing_is_changed(
    home: Path, text: str
) -> None:
    record = sorted((home / "lake" / "commits").glob("*.json"))[0]
    record.write_text(text)
    with locked(home), pytest.raises(SourceError, match=f"{record.name} cannot be read"):
        Lake(home).sweep()
    assert record.read_text() == text
    assert not (home / "lake" / "log").exists() or not Lake(home).log.exists


def test_a_lake_without_records_is_empty(tmp_path: Path) -> None:
    assert old_layout.read(tmp_path / "lake") is None
    assert Lake(tmp_path).state().number == 0
