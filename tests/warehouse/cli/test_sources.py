"""dwell sources: each source is tried out, and its last result told."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from etl.config.settings import load_settings
from etl.lake import locked
from tests.make import write_csv, write_ndjson
from tests.warehouse.cli.conftest import ROWS, Dwell
from warehouse.cli.sources import sources

HEADER = ["uid", "at", "what"]


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    """Good files and broken ones."""
    folder = tmp_path / "exports"
    write_ndjson(folder / "good.ndjson", ROWS)
    write_csv(folder / "mapped.csv", [HEADER, ["ann", "2026-03-10T12:00:00Z", "x"]])
    write_csv(folder / "unknown.csv", [["colour", "size"], ["red", "7"]])
    (folder / "empty.csv").touch()
    (folder / "cut.parquet").write_bytes(b"PAR1 and no more")
    return folder


@pytest.mark.parametrize(
    ("config", "health", "message"),
    [
        pytest.param('path = "exports/good.ndjson"', "not loaded yet", None, id="good"),
        pytest.param(
            'path = "exports/mapped.csv"\nmap = { user = "uid", time = "at" }',
            "not loaded yet", None, id="mapped",
        ),
        pytest.param(
            'path = "exports/mapped.csv"\nmap = { user = "uid", time = "when" }',
            "cannot be read", "has no column when, which map names. It has uid, at, what",
            id="mapped to a column that is not there",
        ),
        pytest.param(
            'path = "exports/mapped.csv"\nmap = { user = 1, time = 2, type = "\'visit\'" }',
            "not loaded yet", None, id="mapped by number and constant",
        ),
        pytest.param(
            'path = "exports/*.tsv"', "a path matches nothing", "exports/*.tsv matches no file",
            id="no file",
        ),
        pytest.param(
            'path = "exports/unknown.csv"', "cannot be read", "no format recognises it",
            id="unknown",
        ),
        pytest.param(
            'path = "exports/empty.csv"', "cannot be read", "is empty", id="empty"
        ),
        pytest.param(
            'path = "exports/cut.parquet"', "cannot be read", "begins like Parquet", id="cut"
        ),
        pytest.param(
            'path = ["exports/good.ndjson", "gone.csv"]', "a path matches nothing",
            "gone.csv matches no file", id="one path of two",
        ),
        pytest.param("", "a path matches nothing", "has no path, and there is no folder",
                     id="neither path nor landing folder"),
    ],
)  # fmt: skip
def test_a_source_is_tried_before_its_first_load(
    dwell: Dwell, exports: Path, config: str, health: str, message: str | None
) -> None:
    Path("dwell.toml").write_text(f"[sources.web]\n{config}\n")
    result = dwell("sources", "--json")
    (entry,) = result.json["sources"]
    assert (entry["source"], entry["health"]) == ("web", health)
    assert result.code == (0 if message is None else 1)
    errors = [trial["error"] for trial in entry["tested"] if trial["error"]]
    assert len(errors) == (message is not None)
    text = dwell("sources").out
    assert "web     " in text
    if message:
        assert message in errors[0]
        assert errors[0] in text


def test_of_each_path_the_newest_file_is_looked_at(dwell: Dwell, exports: Path) -> None:
    Path("dwell.toml").write_text('[sources.web]\npath = ["exports/*.ndjson", "exports/*.csv"]\n')
    for number, name in enumerate(["unknown.csv", "empty.csv", "mapped.csv"]):
        os.utime(exports / name, (number, number))
    (entry,) = dwell("sources", "--json").json["sources"]
    assert [(trial["files"], Path(trial["newest"]).name) for trial in entry["tested"]] == [
        *((1, "good.ndjson"), (3, "mapped.csv")),
    ]
    assert [trial["format"] for trial in entry["tested"]] == ["events", None]
    assert "no format recognises it" in entry["tested"][1]["error"]


def test_paths_of_a_source_that_match_the_same_files_are_fine(dwell: Dwell, exports: Path) -> None:
    Path("dwell.toml").write_text('[sources.web]\npath = ["exports/good.*", "exports/*.ndjson"]\n')
    result = dwell("sources")
    assert result.code == 0
    assert "exports/*.ndjson: its files are matched by another path too" in result.out


def test_a_source_tells_its_last_result(dwell: Dwell, exports: Path) -> None:
    Path("dwell.toml").write_text('[sources.web]\npath = "exports/*.ndjson"\n')
    write_ndjson(exports / "more.ndjson", [ROWS[0], "{oops"])
    dwell("load")
    now = datetime.now(UTC) + timedelta(days=1)
    ((entry,), _) = sources(load_settings(), now)
    names = ("health", "files", "rows_read", "rows_loaded", "rows_duplicate", "rows_rejected")
    assert [entry[name] for name in names] == ["ok", 2, 5, 3, 1, 1]
    assert entry["first_event_time"] == "2026-03-10T12:00:00"
    assert entry["last_event_time"] == "2026-03-10T13:00:00"
    last_event = datetime(2026, 3, 10, 13, tzinfo=UTC)
    last_load = datetime.fromisoformat(entry["last_loaded_at"])
    assert entry["lag_seconds"] == round((now - last_event).total_seconds(), 1)
    assert entry["lag_at_load_seconds"] == round((last_load - last_event).total_seconds(), 1)
    text = dwell("sources").out
    assert "2026-03-10 12:00  2026-03-10 13:00" in text
    assert "exports/*.ndjson: 2 files, the newest is readable as events" in text
    assert " h old when it was loaded" in text


def test_a_failure_of_the_last_load_is_told_until_it_is_mended(dwell: Dwell, exports: Path) -> None:
    Path("dwell.toml").write_text('[sources.web]\npath = ["exports/*.ndjson", "exports/*.csv"]\n')
    for name in ("mapped.csv", "unknown.csv"):
        (exports / name).unlink()
    assert dwell("load").code == 1
    write_csv(exports / "newest.csv", [["user", "time"], ["ann", "2026-03-10T12:00:00Z"]])
    result = dwell("sources", "--json")
    (entry,) = result.json["sources"]
    assert (result.code, entry["health"]) == (1, "a file failed")
    assert "empty.csv is empty" in entry["failures"][0]
    assert "failed in the last load" in dwell("sources").out
    (exports / "empty.csv").unlink()
    dwell("load")
    assert dwell("sources").code == 0


def test_sources_that_landed_or_were_given_are_told_too(dwell: Dwell, exports: Path) -> None:
    dwell("load", str(exports / "good.ndjson"), "--source", "given")
    write_ndjson(Path("data/landing/shop/a.ndjson"), ROWS)
    write_ndjson(Path("data/landing/b.ndjson"), ROWS)
    for path in Path("data/landing").rglob("*.ndjson"):
        os.utime(path, (1, 1))
    write_ndjson(Path("data/landing/shop/b.ndjson.part"), ROWS)
    result = dwell("sources", "--json")
    entries = {entry["source"]: entry for entry in result.json["sources"]}
    assert {name: entry["health"] for name, entry in entries.items()} == {
        "events": "not loaded yet", "shop": "not loaded yet", "given": "ok",
    }  # fmt: skip
    assert entries["shop"]["files_waiting"] == 1
    assert result.code == 0
    assert "1 file not whole yet" in dwell("sources").out


def test_sources_that_share_a_file_are_warned_of(dwell: Dwell, exports: Path) -> None:
    both = 'path = "exports/good.ndjson"\n'
    Path("dwell.toml").write_text(f"[sources.web]\n{both}[sources.app]\n{both}")
    result = dwell("sources")
    assert result.code == 0
    assert "good.ndjson belongs to the sources web and app" in result.out


def test_sources_are_told_while_another_run_holds_the_lock(dwell: Dwell, exports: Path) -> None:
    Path("dwell.toml").write_text('[sources.web]\npath = "exports/*.ndjson"\n')
    with locked(Path("data")):
        assert dwell("sources").code == 0
    assert not Path("data/lake").exists()
