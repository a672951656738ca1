"""The log: for people, for machines, and the line that moves on a terminal."""

import json
import os
import pty
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from etl.lake.compact import A_SPAN_MAY_HAVE
from pages.ui import format
from tests.make import load_files, write_ndjson
from tests.warehouse.cli.conftest import ROWS, Dwell, Result
from warehouse.cli.progress import MovingLine, in_bytes
from warehouse.written import duration


def lines_of(result: Result) -> list[dict[str, Any]]:
    """The log, which is JSON from its first line to its last."""
    return [json.loads(line) for line in result.err.splitlines()]


def test_a_load_logs_one_json_object_a_step_and_nothing_else(dwell: Dwell, events: Path) -> None:
    result = dwell("load", str(events), "absent.csv", "--log", "json", "--json")
    lines = lines_of(result)
    assert [line["event"] for line in lines if line["event"] != "build_step"] == [
        *("load_started", "file_failed", "file_loaded", "load_finished"),
    ]
    assert len({line["run_id"] for line in lines}) == 1
    assert all(re.match(r"\d{4}-\d\d-\d\dT.*\+00:00$", line["time"]) for line in lines)
    loaded = next(line for line in lines if line["event"] == "file_loaded")
    assert (loaded["source"], loaded["file"], loaded["rows"]) == ("events", str(events), 3)
    assert (loaded["level"], loaded["bytes"]) == ("info", events.stat().st_size)
    assert loaded["seconds"] > 0
    failed = next(line for line in lines if line["event"] == "file_failed")
    assert (failed["level"], failed["file"]) == ("error", "absent.csv")
    assert "matches no file" in failed["message"]
    assert (lines[-1]["loaded"], lines[-1]["failed"], lines[-1]["build"]) == (1, 1, 1)
    # The answer on stdout is the same as ever.
    assert result.json["events"] == 3


def test_files_that_a_load_merges_are_told(dwell: Dwell, tmp_path: Path) -> None:
    for number in range(A_SPAN_MAY_HAVE + 1):
        row = {"user": f"u{number}", "time": 1_773_144_000 + number, "event": "x"}
        file = write_ndjson(tmp_path / f"{number}.ndjson", [row])
        load_files(tmp_path / "data", file, source="web")
    lines = lines_of(dwell("load", "0.ndjson", "--source", "web", "--log", "json"))
    (merged,) = (line for line in lines if line["event"] == "files_merged")
    assert merged["files_fewer"] == A_SPAN_MAY_HAVE


def test_members_are_told_with_the_name_of_their_archive(dwell: Dwell, tmp_path: Path) -> None:
    for day, user in (("monday", "a"), ("tuesday", "b")):
        with zipfile.ZipFile(tmp_path / f"{day}.zip", "w") as archive:
            archive.writestr("e.csv", f"user,time,event\n{user},2026-03-10T14:00:00Z,x\n")
    told = dwell("load", "monday.zip", "tuesday.zip", "--source", "web").err
    assert "monday.zip/e.csv → web" in told
    assert "tuesday.zip/e.csv → web" in told


def test_every_run_has_an_id_of_its_own(dwell: Dwell, events: Path) -> None:
    first, second = (lines_of(dwell("load", str(events), "--log", "json")) for _ in range(2))
    assert first[0]["run_id"] != second[0]["run_id"]
    assert "file_unchanged" in [line["event"] for line in second]


@pytest.mark.parametrize(
    "command",
    [
        ["build", "--full"],
        ["run", "--times", "1"],
        ["demo", "--no-dashboard", "--events", "1000", "--days", "3"],
    ],
    ids=lambda command: str(command[0]),
)
def test_every_command_that_loads_or_builds_logs_as_json(
    dwell: Dwell, events: Path, command: list[str]
) -> None:
    if command[0] != "demo":
        Path("dwell.toml").write_text('[sources.web]\npath = "*.ndjson"\n')
        dwell("load")
        write_ndjson(Path("more.ndjson"), [{"user": "cy", "time": 1773144000, "event": "x"}])
    lines = lines_of(dwell(*command, "--log", "json"))
    steps = [line for line in lines if line["event"] == "build_step"]
    assert {"user_sessions", "daily_session_stats"} <= {line["step"] for line in steps}


def test_an_error_is_a_line_of_the_log_too(dwell: Dwell) -> None:
    result = dwell("load", "--log", "json")
    (line,) = lines_of(result)
    assert (result.code, line["level"], line["event"]) == (2, "error", "error")
    assert line["message"].startswith("Nothing to load")


def test_debug_shows_where_a_file_s_error_came_from(dwell: Dwell, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()
    assert "Traceback" not in dwell("load", "empty.csv").err
    result = dwell("load", "empty.csv", "--debug")
    assert result.code == 1
    assert "Traceback" in result.err
    assert "sample.py" in result.err
    lines = lines_of(dwell("load", "empty.csv", "--debug", "--log", "json"))
    (trace,) = (line for line in lines if line["event"] == "traceback")
    assert "Traceback" in trace["message"]


@pytest.mark.parametrize(
    ("command", "code"), [(["load"], 2), (["sql", "select 1"], 1)], ids=["load", "sql"]
)
def test_debug_shows_where_an_error_came_from_and_keeps_the_exit_code(
    dwell: Dwell, command: list[str], code: int
) -> None:
    result = dwell(*command, "--debug")
    assert result.code == code
    assert "Traceback" in result.err


def test_a_terminal_shows_files_bytes_rows_rate_and_time_left(tmp_path: Path) -> None:
    for number in range(3):
        rows = [row | {"event": f"e{number}"} for row in ROWS]
        write_ndjson(tmp_path / f"{number}.ndjson", rows)
    main, terminal = pty.openpty()
    program = [str(Path(sys.executable).parent / "dwell"), "load", "*.ndjson"]
    with subprocess.Popen(
        program, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=terminal,
        env=os.environ | {"COLUMNS": "120"},
    ) as running:  # fmt: skip
        os.close(terminal)
        seen = b""
        while True:
            try:
                block = os.read(main, 4096)
            except OSError:
                break
            if not block:
                break
            seen += block
    os.close(main)
    assert running.returncode == 0
    text = seen.decode()
    assert "0 of 3 files · 0% of 738 B · 0 rows · 0.ndjson" in text
    # Files that are alike are loaded together, once the last of them was looked at.
    assert re.search(r"1 of 3 files · 33% of 738 B · 3 rows · .*B/s · \d+ s left · 2.ndjson", text)
    # At the end the line is gone.
    assert text.endswith("\r\x1b[2K")


def test_files_that_the_lake_has_say_nothing_of_the_rate() -> None:
    line = MovingLine()
    line.start(3, 3_000_000)
    line.end(1_000_000, 0, is_new=False)
    line.begin("b.csv")
    assert line.text(0.01) == "1 of 3 files · 33% of 3.0 MB · 0 rows · b.csv"
    line.end(1_000_000, 5000, is_new=True)
    assert line.text(4.0) == (
        "2 of 3 files · 67% of 3.0 MB · 5,000 rows · 250 kB/s · 4 s left · b.csv"
    )


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (9_900, "9.9 kB"),
        (10_400, "10 kB"),
        (2.5e9, "2.5 GB"),
    ],
)
def test_bytes_are_told_in_the_unit_that_fits(size: float, text: str) -> None:
    assert in_bytes(size) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        *((0, "0 s"), (0.01, "0.1 s"), (3, "3 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59, "59 s")),
        *((60, "1 m 00 s"), (1860, "31 m 00 s"), (3900, "1 h 05 m"), (86400, "1 d 00 h")),
        *((-30, "-30 s"), (-7200, "-2 h 00 m")),
    ],
)
def test_a_duration_is_told_as_on_the_pages(seconds: float, text: str) -> None:
    assert duration(seconds) == text
    if seconds >= 0:
        assert duration(seconds) == format.duration(seconds)
