"""Files that are the old one or the whole new one: when runs are killed, meet, or have no room."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

import polars as pl
import pytest

from etl.config.settings import Settings
from etl.errors import ConfigError, DwellError
from warehouse.exports.files import refuse_target, write_file
from warehouse.frame_files import FORMATS
from warehouse.saved_file import Kind

ROOT = Path(__file__).parents[3]
# Writes 40 frames, says when half of them are there, and waits.
_WRITER = """
import sys, time
from pathlib import Path
import polars as pl
from warehouse.exports.files import write_file
def frames():
    for number in range(40):
        if number == 20:
            print("half", flush=True)
            time.sleep(float(sys.argv[3]))
        yield pl.DataFrame({"n": [number] * 10_000, "t": ["x" * 20] * 10_000})
write_file(frames(), sys.argv[2], {}, Path(sys.argv[1]))
"""


def frames(count: int, rows: int = 100) -> Iterator[pl.DataFrame]:
    for number in range(count):
        yield pl.DataFrame({"n": [number] * rows, "text": [os.urandom(20).hex()] * rows})


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@contextmanager
def begun(target: Path, form: str, seconds: float) -> "Iterator[subprocess.Popen[str]]":
    """A writer that has written half of its rows."""
    run = [sys.executable, "-P", "-c", _WRITER, str(target), form, str(seconds)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(run, stdout=subprocess.PIPE, text=True, env=environment) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "half\n"
        yield writer


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_takes_the_place_of_the_old_one(tmp_path: Path, form: str) -> None:
    target = tmp_path / "made" / f"a.{form}"
    assert write_file(frames(3), form, {"Build": "1"}, target) == 300
    target.chmod(0o600)
    before = target.stat()
    assert write_file(frames(1), form, {"Build": "2"}, target) == 100
    assert target.stat().st_ino != before.st_ino
    assert target.stat().st_mode == before.st_mode
    assert left_in(target.parent) == [f"a.{form}"]


@pytest.mark.parametrize("form", FORMATS)
def test_rows_that_fail_leave_the_old_file(tmp_path: Path, form: str) -> None:
    target = tmp_path / f"a.{form}"
    target.write_text("old")

    def failing() -> Iterator[pl.DataFrame]:
        yield from frames(2)
        msg = "late"
        raise DwellError(msg)

    with pytest.raises(DwellError, match="late"):
        write_file(failing(), form, {}, target)
    assert target.read_text() == "old"
    assert left_in(tmp_path) == [f"a.{form}"]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_killed_run_leaves_the_old_file_and_the_next_one_clears_up(
    tmp_path: Path, form: str
) -> None:
    target, beside = tmp_path / f"a.{form}", tmp_path / ".dwell-export-of-mine"
    target.write_text("old")
    beside.mkdir()
    with begun(target, form, 60) as writer:
        writer.send_signal(signal.SIGKILL)
    assert target.read_text() == "old"
    (left,) = tmp_path.glob(".dwell-export-????????")
    assert left.is_dir()
    # It may be of a run that begins this moment; then it is old.
    write_file(frames(1), form, {}, target)
    assert left.exists()
    os.utime(left, (time.time() - 3600,) * 2)
    write_file(frames(1), form, {}, target)
    assert left_in(tmp_path) == [".dwell-export-of-mine", f"a.{form}"]


def test_what_another_run_writes_is_left_to_it(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    with begun(target, "csv", 1) as writer:
        (folder,) = tmp_path.glob(".dwell-export-*")
        os.utime(folder, (time.time() - 3600,) * 2)
        write_file(frames(1), "csv", {}, tmp_path / "b.csv")
        assert folder.exists()
        assert writer.wait(30) == 0
    assert pl.read_csv(target).height == 400_000
    assert left_in(tmp_path) == ["a.csv", "b.csv"]


def test_of_many_writers_of_one_file_one_has_written_all(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    writers = [
        threading.Thread(target=write_file, args=(frames(n + 1), "csv", {}, target))
        for n in range(8)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    rows = pl.read_csv(target)
    assert rows.height == 100 * (rows["n"].max() + 1)
    assert left_in(tmp_path) == ["a.csv"]


@pytest.mark.parametrize("form", FORMATS)
def test_a_full_disk_leaves_the_old_file_and_no_other(small_disk: Path, form: str) -> None:
    target = small_disk / f"a.{form}"
    target.write_text("old")

    def many() -> Iterator[pl.DataFrame]:
        for _ in range(30):
            yield pl.DataFrame({"t": [os.urandom(60).hex() for _ in range(2_000)]})

    with pytest.raises(DwellError, match="no room left"):
        write_file(many(), form, {}, target)
    assert target.read_text() == "old"
    assert left_in(small_disk) == [f"a.{form}"]
    assert write_file(frames(1), form, {}, target) == 100


def test_a_link_stays_and_its_file_is_written(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "a.csv"
    link.symlink_to(tmp_path / "real" / "b.csv")
    write_file(frames(1), "csv", {}, link)
    assert link.is_symlink()
    assert pl.read_csv(tmp_path / "real" / "b.csv").height == 100


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(DwellError, match="cannot be written"):
        write_file(frames(1), "csv", {}, tmp_path / "file" / "a.csv")


@pytest.mark.parametrize(
    "place",
    [
        *("lake/a.csv", "builds/a.csv", "landing/web/a.csv", "outbox/outbox.sqlite", "../x/lake"),
        *("dwell.toml", "../mine.toml", "collector_salt.json", ".lock", ".exporting.lock"),
        *(f"{kind}.json" for kind in get_args(Kind)),
        *("link/wh-000001.duckdb", "exports"),
    ],
)
def test_files_of_the_home_are_not_written_over(tmp_path: Path, place: str) -> None:
    home = tmp_path / "x"
    for folder in ("lake", "builds", "exports"):
        (home / folder).mkdir(parents=True)
    (home / "link").symlink_to(home / "builds")
    settings = Settings(home=home, config=tmp_path / "mine.toml")
    with pytest.raises(ConfigError):
        refuse_target(home / place, settings)
    for free in ("exports/a.csv", "exports/alerts.json", "lake.csv", "../lake/a.csv"):
        refuse_target(home / free, settings)
