"""Files dropped in the landing folder, as `dwell load` and `dwell run` take them."""

import os
import shutil
from pathlib import Path

import pytest

from tests.make import write_ndjson
from tests.warehouse.cli.conftest import ROWS, Dwell, Result

LANDING = Path("data/landing")


def dropped(name: str, *, seconds_ago: float = 60) -> Path:
    """A file of three events that landed so many seconds ago."""
    path = write_ndjson(LANDING / name, [row | {"from": name} for row in ROWS])
    then = path.stat().st_mtime - seconds_ago
    os.utime(path, (then, then))
    return path


def statuses(result: Result) -> list[tuple[str, str, str]]:
    """Source, file name and status of each batch."""
    return [(b["source"], Path(b["file"]).name, b["status"]) for b in result.json["batches"]]


def test_landed_files_are_loaded_without_any_configuration(dwell: Dwell) -> None:
    files = [dropped("a.ndjson"), dropped("shop/b.ndjson")]
    before = [(file.read_bytes(), file.stat().st_mtime_ns) for file in files]
    result = dwell("load", "--json")
    assert result.code == 0
    assert statuses(result) == [("events", "a.ndjson", "loaded"), ("shop", "b.ndjson", "loaded")]
    assert [status for *_, status in statuses(dwell("load", "--json"))] == ["unchanged"] * 2
    # Raw files stay as they came.
    assert [(file.read_bytes(), file.stat().st_mtime_ns) for file in files] == before


def test_an_empty_landing_folder_is_nothing_to_do(dwell: Dwell) -> None:
    LANDING.mkdir(parents=True)
    result = dwell("load")
    assert (result.code, result.out) == (
        0, "0 files loaded, 0 unchanged, 0 failed; 0 rows read: 0 loaded, 0 duplicate, 0 rejected."
        "\nNo build was made.\n",
    )  # fmt: skip


def test_a_file_still_being_written_waits_and_is_no_failure(dwell: Dwell) -> None:
    dropped("whole.ndjson")
    dropped("shop/fresh.ndjson", seconds_ago=0)
    dropped("shop/sent.ndjson.part")
    result = dwell("load", "--json")
    assert result.code == 0
    assert statuses(result) == [
        ("shop", "fresh.ndjson", "waiting"),
        ("shop", "sent.ndjson.part", "waiting"),
        ("events", "whole.ndjson", "loaded"),
    ]
    # On a busy machine the first load may outlast the settling.
    (LANDING / "shop/fresh.ndjson").touch()
    result = dwell("load")
    assert "1 unchanged, 2 waiting, 0 failed" in result.out
    assert "waiting: data/landing/shop/fresh.ndjson has just been written" in result.err
    assert dwell("status", "--json").json["failed_files"] == []
    os.utime(LANDING / "shop/fresh.ndjson", (1, 1))
    (LANDING / "shop/sent.ndjson.part").rename(LANDING / "shop/sent.ndjson")
    assert sorted(statuses(dwell("load", "--json")))[1:] == [
        ("shop", "fresh.ndjson", "loaded"), ("shop", "sent.ndjson", "loaded"),
    ]  # fmt: skip


def test_a_file_named_on_the_command_line_is_loaded_at_once(dwell: Dwell) -> None:
    fresh = dropped("fresh.ndjson", seconds_ago=0)
    assert statuses(dwell("load", str(fresh), "--json")) == [("events", "fresh.ndjson", "loaded")]
    assert statuses(dwell("load", str(LANDING), "--json")) == [
        ("events", "fresh.ndjson", "unchanged")
    ]


def test_landed_files_are_read_as_their_source_says(dwell: Dwell) -> None:
    Path("dwell.toml").write_text('[sources.till]\nmap = { user = "who", time = "at" }\n')
    write_ndjson(LANDING / "till/a.ndjson", [{"who": "ann", "at": 1773144000, "event": "x"}])
    os.utime(LANDING / "till/a.ndjson", (1, 1))
    result = dwell("load", "--source", "till", "--json")
    assert [batch["rows_loaded"] for batch in result.json["batches"]] == [1]


def test_one_source_alone_may_be_asked_for(dwell: Dwell) -> None:
    dropped("a.ndjson")
    dropped("shop/b.ndjson")
    result = dwell("load", "--source", "shop", "--json")
    assert statuses(result) == [("shop", "b.ndjson", "loaded")]
    result = dwell("load", "--source", "shpo")
    assert result.code == 2
    assert "No source 'shpo' is configured, and there is no data/landing/shpo" in result.err


def test_a_source_of_the_collector_may_have_nothing_yet(dwell: Dwell) -> None:
    Path("dwell.toml").write_text('[sources.web]\nwrite_key = "k"\n')
    assert dwell("load").code == 0
    assert dwell("sources").code == 0
    dropped("shop/b.ndjson")
    result = dwell("load", "--json")
    assert statuses(result) == [("shop", "b.ndjson", "loaded")]


def test_a_source_without_path_and_landing_folder_is_wrong(dwell: Dwell) -> None:
    Path("dwell.toml").write_text("[sources.till]\n")
    result = dwell("load")
    assert result.code == 2
    assert "'till' has no path, and nothing has landed for it in data/landing/till" in result.err


def test_run_takes_what_lands(dwell: Dwell) -> None:
    dropped("a.ndjson")
    result = dwell("run", "--times", "1")
    assert (result.code, "1 file loaded, 0 failed, build 1" in result.err) == (0, True)


def test_the_demo_and_the_landing_folder_do_not_mix(dwell: Dwell) -> None:
    demo = dwell("demo", "--no-dashboard", "--events", "1000", "--days", "3", "--json")
    assert {batch["source"] for batch in demo.json["batches"]} == {"web", "chat", "app"}
    again = dwell("load", "--json")
    assert (again.code, again.json["events"]) == (0, demo.json["events"])
    assert {batch["source"] for batch in again.json["batches"]} == {"web", "chat", "app"}
    dropped("own.ndjson")
    result = dwell("load")
    assert (result.code, "holds the demo" in result.err) == (2, True)


@pytest.mark.parametrize("kind", ["gone", "folder"])
def test_what_is_no_file_is_left_out(dwell: Dwell, kind: str) -> None:
    LANDING.mkdir(parents=True)
    if kind == "gone":
        (LANDING / "dangling.csv").symlink_to("nowhere")
    else:
        (LANDING / "named.csv").mkdir()
    assert statuses(dwell("load", "--json")) == []
    shutil.rmtree(LANDING)
