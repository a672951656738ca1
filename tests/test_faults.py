"""Faults: killed at any moment, read while it writes, a full disk. Nothing is lost or doubled."""

import json
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import warehouse
from etl.lake import Lake
from tests.homes import assert_lake_is_tidy
from tests.make import build_home, load_files, write_ndjson
from tests.search import some

DWELL = Path(sys.executable).parent / "dwell"
KILLS = some(2, of=12)


def write_exports(folder: Path, files: int = 5, rows: int = 1500, first: int = 0) -> Path:
    """Some exports that overlap, with broken lines; of events from the first on."""
    for number in range(files):
        begin = first + number * rows // 2
        lines: list[Any] = [
            {
                "user": f"u{(row * 7) % 97}",
                "time": 1773144000 + (begin + row) * 40,
                "event": "click",
                "n": begin + row,
            }
            for row in range(rows)
        ]
        write_ndjson(folder / f"{number}.ndjson", [*lines, "{broken", {"user": ""}])
    return folder


def state(home: Path) -> dict[str, Any]:
    """What a home says: its tables without the times of loading."""
    with warehouse.open(home) as wh:
        queries = {
            "sessions": "from user_sessions order by all",
            "events": "select count(*), bit_xor(hash(session_events)) from session_events",
            "days": "from daily_session_stats order by all",
            "rejected": "from rejected_summary order by all",
            "loads": "select file, rows_read, rows_loaded, rows_duplicate, rows_rejected, status "
            "from load_runs order by all",
        }
        return {name: wh.sql(query).fetchall() for name, query in queries.items()}


def assert_no_orphans(home: Path) -> None:
    """Every file of the lake is named by its log, and nothing is left half-way."""
    assert_lake_is_tidy(home)


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exports that every killed load reads."""
    return write_exports(tmp_path_factory.mktemp("exports"))


@pytest.fixture(scope="module")
def undisturbed(
    exports: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Any], float]:
    """The state after a load that nobody disturbed, and the seconds it worked."""
    home = tmp_path_factory.mktemp("undisturbed") / "home"
    with subprocess.Popen([DWELL, "load", exports, "--home", home], stderr=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL) as load:  # fmt: skip
        started = wait_for(home / ".lock")
        assert load.wait() == 0
    return state(home), time.monotonic() - started


def wait_for(path: Path) -> float:
    """The moment when the file is there."""
    deadline = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return time.monotonic()


@pytest.mark.parametrize("number", range(KILLS))
def test_a_load_that_is_killed_and_run_again_leaves_what_an_undisturbed_one_leaves(
    exports: Path, undisturbed: tuple[dict[str, Any], float], tmp_path: Path, number: int
) -> None:
    wanted, seconds = undisturbed
    home = tmp_path / "home"
    # One moment in each part of the time that a load takes.
    moment = seconds * (number + random.Random(number).random()) / KILLS
    with subprocess.Popen([DWELL, "load", exports, "--home", home], stderr=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL) as load:  # fmt: skip
        wait_for(home / ".lock")
        time.sleep(moment)
        load.kill()
    load_files(home, exports)
    build_home(home)
    assert state(home) == wanted
    assert_no_orphans(home)


READER = """
import json, sys
from pathlib import Path
import warehouse

home, stop = Path(sys.argv[1]), Path(sys.argv[2])
builds, reads = [], 0
print("reading", flush=True)
while not stop.exists():
    with warehouse.open(home) as wh:
        counts = wh.sql(
            "select (select count(*) from session_events), "
            "(select sum(event_count)::bigint from user_sessions), "
            "(select sum(event_count)::bigint from session_days), "
            "(select sum(rows_loaded)::bigint from load_runs)"
        ).fetchall()[0]
        assert len(set(counts)) == 1, (wh.build, counts)
        builds.append(wh.build)
        reads += 1
assert builds == sorted(builds), builds
print(json.dumps({"reads": reads, "builds": len(set(builds))}))
"""


def test_a_reader_in_a_loop_sees_whole_builds_alone_while_the_etl_runs(tmp_path: Path) -> None:
    home, stop = tmp_path / "home", tmp_path / "stop"
    write_ndjson(tmp_path / "first.ndjson", [{"user": "a", "time": 1773144000, "event": "x"}])
    load_files(home, tmp_path / "first.ndjson")
    build_home(home)
    command = [sys.executable, "-c", READER, str(home), str(stop)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdout is not None
        assert reader.stderr is not None
        assert reader.stdout.readline() == "reading\n"
        for number in range(some(3, of=20)):
            rows = [
                {"user": f"u{n}", "time": 1773144000 + number * 900 + n, "event": "x"}
                for n in range(50)
            ]
            load_files(home, write_ndjson(tmp_path / f"{number}.ndjson", rows))
            build_home(home)
        stop.touch()
        summary = reader.stdout.read()
        errors = reader.stderr.read()
        assert reader.wait() == 0, errors
    counts = json.loads(summary)
    assert counts["reads"] > 5
    assert counts["builds"] > 2


def test_a_full_disk_is_told_and_the_load_goes_on_once_there_is_room(
    small_disk: Path, tmp_path: Path
) -> None:
    exports = write_exports(tmp_path / "exports", files=4, rows=20_000)
    home = small_disk / "home"
    command = [DWELL, "load", exports, "--home", home, "--json"]
    full = subprocess.run(command, capture_output=True, text=True, check=False)
    assert full.returncode == 1
    assert "Traceback" not in full.stderr
    assert "No space left" in full.stdout + full.stderr
    subprocess.run(["mount", "-o", "remount,size=200m", small_disk], check=True)
    again = subprocess.run(command, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    other = tmp_path / "other"
    load_files(other, exports)
    build_home(other)
    assert state(home) == state(other)
    assert_no_orphans(home)


def test_a_full_disk_leaves_the_current_build_and_nothing_half_done(
    small_disk: Path, tmp_path: Path
) -> None:
    subprocess.run(["mount", "-o", "remount,size=16m", small_disk], check=True)
    home = small_disk / "home"
    first = write_exports(tmp_path / "first", files=1, rows=100)
    load_files(home, first)
    build_home(home)
    before = state(home)
    rows = [{"user": "u", "time": 1773144000, "event": "x", "n": random.Random(n).randbytes(400)
             .hex()} for n in range(60_000)]  # fmt: skip
    large = write_ndjson(tmp_path / "large.ndjson", rows)
    command = [DWELL, "load", large, "--home", home, "--json"]
    full = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (full.returncode, "Traceback" in full.stderr) == (1, False)
    assert "No space left" in full.stdout + full.stderr
    # The failure itself may be told in the next build; the rest is as it was.
    assert {n: t for n, t in state(home).items() if n != "loads"} == {
        n: t for n, t in before.items() if n != "loads"
    }
    lake = Lake(home)
    assert [path.name for path in lake.staging.glob("*") if path != lake.spill] == []
    assert_no_orphans(home)


def test_of_two_loads_at_once_one_works_and_the_other_says_so(tmp_path: Path) -> None:
    exports = write_exports(tmp_path / "exports", rows=6000)
    home = tmp_path / "home"
    command = [DWELL, "load", exports, "--home", home]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **quiet) as first:  # type: ignore[call-overload]
        wait_for(home / ".lock")
        with subprocess.Popen(command, **quiet) as second:  # type: ignore[call-overload]
            log = second.communicate()[1]
        first.communicate()
    assert first.returncode == 0
    assert (second.returncode, "Another run" in log) == (75, True)
    alone = tmp_path / "alone"
    load_files(alone, exports)
    build_home(alone)
    assert state(home) == state(alone)
