"""Exports of dwell.toml: written when they are due, each for itself, and never twice at once."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from etl.config.settings import Settings
from etl.errors import Busy, ConfigError, NoBuild
from tests.warehouse.exports.homes import settings_of, write_home
from tests.warehouse.small_builds import NOON
from warehouse.exports import run_due
from warehouse.exports.run import Exported, run
from warehouse.exports.state import one_run, standings

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)
YESTERDAY = NOON.date() - timedelta(days=1)
BY_DAY = """
[exports.bounce]
metric = "bounce_rate"
by = "day"
days = 3
path = "out/{year}/bounce-{date}.csv"
every = "1 d"
"""
OTHERS = """
[exports.wrong]
metric = "bounce_rat"
path = "out/wrong.csv"
every = "1 h"
[exports.mobile]
metric = "session_count"
by = "browser"
where = { device_type = "mobile" }
path = "out/mobile.parquet"
every = "1 h"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    write_home(folder)
    return folder


def days_of(path: Path) -> list[date]:
    return pl.read_csv(path)["period_start"].str.to_date().to_list()


def statuses(done: list[Exported]) -> dict[str, str]:
    return {each.name: each.status for each in done}


def test_the_days_of_an_export_are_complete_and_its_path_names_the_last(
    home: Path, tmp_path: Path
) -> None:
    (done,) = run_due(settings_of(home, tmp_path, BY_DAY), NOW)
    wanted = tmp_path / "out" / f"{YESTERDAY.year}" / f"bounce-{YESTERDAY}.csv"
    assert (done.status, done.path, done.rows) == ("written", wanted, 3)
    assert days_of(wanted) == [YESTERDAY - timedelta(days=ago) for ago in (2, 1, 0)]
    # The running day is in it where it is wanted, and then it names the file.
    (done,) = run_due(settings_of(home, tmp_path, BY_DAY + "complete = false"), NOW)
    assert done.path == wanted.with_name(f"bounce-{NOON.date()}.csv")
    assert days_of(done.path)[-1] == NOON.date()


def test_lines_on_a_csv_are_there_where_they_are_wanted(home: Path, tmp_path: Path) -> None:
    (done,) = run_due(settings_of(home, tmp_path, BY_DAY), NOW)
    assert done.path is not None
    assert done.path.read_text().startswith('"period_start"')
    (done,) = run_due(settings_of(home, tmp_path, BY_DAY + 'head = true\nlabel = "Bounce"'), NOW)
    assert done.path is not None
    assert done.path.read_text().startswith("# Export: Bounce\n# Asked: bounce_rate by day\n")


def test_one_that_fails_holds_up_no_other_and_is_tried_again(home: Path, tmp_path: Path) -> None:
    settings = settings_of(home, tmp_path, BY_DAY + OTHERS)
    done = run_due(settings, NOW)
    assert statuses(done) == {"bounce": "written", "wrong": "failed", "mobile": "written"}
    assert "Did you mean 'bounce_rate'?" in done[1].message
    assert not (tmp_path / "out" / "wrong.csv").exists()
    # By then only that one is due, and an hour later the other one as well.
    assert statuses(run_due(settings, NOW + timedelta(minutes=5))) == {"wrong": "failed"}
    later = run_due(settings, NOW + timedelta(hours=1))
    assert statuses(later) == {"wrong": "failed", "mobile": "written"}
    _, wrong, _ = standings(settings, NOW)
    assert (wrong.is_due, wrong.failed_at) == (True, NOW + timedelta(hours=1))
    mended = settings_of(home, tmp_path, (BY_DAY + OTHERS).replace('bounce_rat"', 'bounce_rate"'))
    assert statuses(run_due(mended, NOW + timedelta(minutes=61))) == {"wrong": "written"}


def test_named_ones_are_written_at_once(home: Path, tmp_path: Path) -> None:
    settings = settings_of(home, tmp_path, BY_DAY + OTHERS)
    run_due(settings, NOW)
    assert statuses(run(settings, ["mobile", "mobile"], NOW)) == {"mobile": "written"}
    with pytest.raises(ConfigError, match="Did you mean 'mobile'"):
        run(settings, ["mobil"], NOW)


def test_a_changed_export_is_due_at_once(home: Path, tmp_path: Path) -> None:
    assert len(run_due(settings_of(home, tmp_path, BY_DAY), NOW)) == 1
    assert run_due(settings_of(home, tmp_path, BY_DAY), NOW) == []
    changed = settings_of(home, tmp_path, BY_DAY.replace("days = 3", "days = 4"))
    (done,) = run_due(changed, NOW)
    assert done.rows == 4


def test_without_a_build_or_beside_another_run_nothing_happens(home: Path, tmp_path: Path) -> None:
    bare = replace(settings_of(home, tmp_path, BY_DAY), home=tmp_path / "bare")
    assert run_due(bare, NOW) == []
    with pytest.raises(NoBuild):
        run(bare, now=NOW)
    settings = settings_of(home, tmp_path, BY_DAY)
    with one_run(home):
        assert run_due(settings, NOW) == []
        with pytest.raises(Busy):
            run(settings, now=NOW)
    assert len(run_due(settings, NOW)) == 1


def test_damaged_notes_are_told_and_overwrite_nothing(home: Path, tmp_path: Path) -> None:
    (home / "exports.json").write_text("{")
    (done,) = run_due(settings_of(home, tmp_path, BY_DAY), NOW)
    assert done.status == "failed"
    assert "is damaged" in done.message
    assert (home / "exports.json").read_text() == "{"


def test_runs_at_the_same_time_write_each_export_once(home: Path, tmp_path: Path) -> None:
    settings = settings_of(home, tmp_path, BY_DAY + OTHERS.replace('bounce_rat"', 'error_rate"'))
    done: list[Exported] = []
    runs = [threading.Thread(target=lambda: done.extend(run_due(settings, NOW))) for _ in range(6)]
    for each in runs:
        each.start()
    for each in runs:
        each.join()
    assert sorted(each.name for each in done) == ["bounce", "mobile", "wrong"]


def test_who_has_no_exports_waits_for_nothing(tmp_path: Path) -> None:
    code = (
        "import sys; from etl.config.settings import Settings; "
        "import warehouse; known = set(sys.modules); from warehouse.exports import run_due; "
        "assert run_due(Settings()) == []; print(*sorted(set(sys.modules) - known))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    told = subprocess.run(
        [sys.executable, "-P", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
        cwd=tmp_path,
    )
    assert told.stdout.split() == ["warehouse.exports"]
    assert not (tmp_path / "data").exists()


def test_a_full_disk_fails_that_export_alone(home: Path, tmp_path: Path, small_disk: Path) -> None:
    (small_disk / "full").write_bytes(b"x" * 2_080_000)
    full = f"""
    [exports.full]
    query = "select repeat('x', 1000) || range from range(3000)"
    path = "{small_disk}/full.csv"
    every = "1 d"
    """
    settings = settings_of(home, tmp_path, full + BY_DAY)
    done = run_due(settings, NOW)
    assert statuses(done) == {"full": "failed", "bounce": "written"}
    assert "no room left" in done[0].message
    assert [path.name for path in small_disk.iterdir()] == ["full"]


_RUN = """
import sys
from etl.config.settings import load_settings
from warehouse.exports import run_due
settings = load_settings(sys.argv[1], sys.argv[2])
print("begins", flush=True)
print([each.status for each in run_due(settings)])
"""


def test_a_killed_run_is_made_up_for_by_the_next(home: Path, tmp_path: Path) -> None:
    text = """
    [exports.much]
    query = "select range as n, repeat('x', 50) as t from range(400000)"
    path = "much.csv"
    every = "1 d"
    """
    settings = settings_of(home, tmp_path, BY_DAY + text)
    target = tmp_path / "much.csv"
    target.write_text("old")
    run = [sys.executable, "-P", "-c", _RUN, str(home), str(tmp_path / "dwell.toml")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(run, stdout=subprocess.PIPE, text=True, env=environment) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "begins\n"
        time.sleep(0.4)
        running.send_signal(signal.SIGKILL)
    assert target.read_text() == "old"
    noted = json.loads((home / "exports.json").read_text()) if _has_notes(settings) else {}
    assert "much" not in noted.get("exports", {})
    assert "much" in statuses(run_due(settings))
    assert pl.read_csv(target).height == 400_000
    assert all(each.last_success for each in standings(settings))


def _has_notes(settings: Settings) -> bool:
    return (settings.home / "exports.json").exists()
