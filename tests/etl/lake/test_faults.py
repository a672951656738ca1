"""Faults while files are merged or pruned: killed at any moment, read meanwhile, a full disk."""

import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from etl.config.settings import load_settings
from etl.lake import Lake, locked
from etl.lake.compact import compact
from tests.homes import assert_lake_is_tidy, lake_rows, tables
from tests.make import build_home, load_files, write_ndjson
from tests.search import some
from warehouse.build.prune import prune

KILLS = some(2, of=10)
START = 1_773_100_800
CUT = date(2026, 3, 12)

MERGE = """
import sys
from pathlib import Path
import duckdb
from etl.lake.compact import compact
from etl.lake import Lake, locked
home = Path(sys.argv[1])
with locked(home), duckdb.connect() as con:
    print("working", flush=True)
    lake = Lake(home)
    compact(con, lake, lake.sweep(), everything=True)
"""
PRUNE = """
import sys
from datetime import date
from pathlib import Path
from etl.lake import locked
from etl.config.settings import load_settings
from warehouse.build.prune import prune
home = Path(sys.argv[1])
with locked(home):
    print("working", flush=True)
    prune(load_settings(home), before=date(2026, 3, 12))
"""


def merge(home: Path) -> None:
    """Merges all there is to merge."""
    with locked(home), duckdb.connect() as con:
        lake = Lake(home)
        compact(con, lake, lake.sweep(), everything=True)


def prune_old(home: Path) -> None:
    """Prunes the first days."""
    with locked(home):
        prune(load_settings(home), before=CUT)


def write_visits(folder: Path, files: int = 6, rows: int = 300) -> Path:
    """Exports of four days, with broken lines and visits that go on past midnight."""
    for number in range(files):
        lines: list[Any] = [
            {"user": f"u{row * 7 % 31}", "time": START + (row * files + number) * 190, "event": "x"}
            for row in range(rows)
        ]
        write_ndjson(folder / f"{number}.ndjson", [*lines, "{broken"])
    return folder


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home to be copied, with a build."""
    folder = tmp_path_factory.mktemp("loaded")
    for export in sorted(write_visits(folder / "exports").glob("*")):
        load_files(folder / "home", export, source="web")
    build_home(folder / "home")
    return folder / "home"


def state(home: Path) -> tuple[Any, Any]:
    """The events of the lake, and all tables of a full build but the time of the prune."""
    found = tables(build_home(home, full=True).path)
    found["prunes"] = [row[:-1] for row in found["prunes"]]
    return lake_rows(home), found


@pytest.fixture(scope="module", params=["merge", "prune"])
def work(
    request: pytest.FixtureRequest, loaded: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Callable[[Path], None], tuple[Any, Any], float]:
    """A program, the same as a function, the state it leaves undisturbed, and its seconds."""
    script, function = {"merge": (MERGE, merge), "prune": (PRUNE, prune_old)}[request.param]
    home = tmp_path_factory.mktemp("undisturbed") / "home"
    shutil.copytree(loaded, home)
    with start(script, home) as program:
        started = time.monotonic()
        assert program.wait() == 0
        seconds = time.monotonic() - started
    return script, function, state(home), seconds


def start(script: str, home: Path) -> subprocess.Popen[str]:
    """The program, once it has the lock."""
    command = [sys.executable, "-c", script, str(home)]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert program.stdout is not None
    assert program.stdout.readline() == "working\n"
    return program


@pytest.mark.parametrize("number", range(KILLS))
def test_work_on_the_lake_that_is_killed_and_run_again_leaves_what_undisturbed_work_leaves(
    loaded: Path,
    work: tuple[str, Callable[[Path], None], tuple[Any, Any], float],
    tmp_path: Path,
    number: int,
) -> None:
    script, again, wanted, seconds = work
    home = tmp_path / "home"
    shutil.copytree(loaded, home)
    before = lake_rows(home)
    with start(script, home) as program:
        time.sleep(seconds * (number + random.Random(number).random()) / KILLS)
        program.kill()
    with locked(home):
        Lake(home).sweep()
    # Before or after, never between.
    assert lake_rows(home) in (before, wanted[0])
    again(home)
    assert state(home) == wanted
    assert_lake_is_tidy(home)


READER = """
import json, sys
from pathlib import Path
import warehouse

home, stop = Path(sys.argv[1]), Path(sys.argv[2])
builds = set()
print("reading", flush=True)
while not stop.exists():
    with warehouse.open(home) as wh:
        counts = wh.sql(
            "select (select count(*) from session_events), "
            "(select sum(event_count)::bigint from user_sessions), "
            "(select sum(event_count)::bigint from session_days)"
        ).fetchall()[0]
        assert len(set(counts)) == 1, (wh.build, counts)
        users = wh.sql("select sum(event_count)::bigint from users").fetchall()[0][0]
        gone = wh.sql("select coalesce(sum(event_count), 0)::bigint from prunes").fetchall()[0][0]
        assert users == counts[0] + gone, (wh.build, users, counts, gone)
        builds.add(wh.build)
print(json.dumps(len(builds)))
"""


def test_a_reader_in_a_loop_sees_whole_builds_alone_while_files_are_merged_and_pruned(
    loaded: Path, tmp_path: Path
) -> None:
    home, stop = tmp_path / "home", tmp_path / "stop"
    shutil.copytree(loaded, home)
    command = [sys.executable, "-c", READER, str(home), str(stop)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdout is not None
        assert reader.stderr is not None
        assert reader.stdout.readline() == "reading\n"
        try:
            take_turns(home, tmp_path)
        finally:
            stop.touch()
        said, errors = reader.stdout.read(), reader.stderr.read()
        assert reader.wait() == 0, errors
    assert json.loads(said) >= 2


def take_turns(home: Path, exports: Path) -> None:
    """Loads, merges and prunes, day by day."""
    for day in (11, 12, 13):
        row = {"user": "late", "time": f"2026-03-{day}T23:00:00Z", "event": "x"}
        load_files(home, write_ndjson(exports / f"{day}.ndjson", [row]), source="web")
        merge(home)
        with locked(home):
            prune(load_settings(home), before=date(2026, 3, day))


# Room in bytes for some of what is written, not for all.
@pytest.mark.parametrize(
    ("work_on", "room"),
    [pytest.param(merge, 30_000, id="merge"), pytest.param(prune_old, 9_000, id="prune")],
)
def test_a_full_disk_leaves_the_lake_as_it_was(
    small_disk: Path, loaded: Path, tmp_path: Path, work_on: Callable[[Path], None], room: int
) -> None:
    home = small_disk / "home"
    subprocess.run(["mount", "-o", "remount,size=100m", small_disk], check=True)
    shutil.copytree(loaded, home)
    before = lake_rows(home)
    filler = small_disk / "filler"
    filler.write_bytes(bytes(shutil.disk_usage(small_disk).free - room))
    with pytest.raises(Exception, match="No space left"):
        work_on(home)
    assert lake_rows(home) == before
    filler.unlink()
    with locked(home):
        Lake(home).sweep()
    assert_lake_is_tidy(home)
    other = tmp_path / "home"
    shutil.copytree(loaded, other)
    for one in (home, other):
        work_on(one)
    assert lake_rows(home) == lake_rows(other)
    assert_lake_is_tidy(home)
