"""Files dropped in the landing folder, as `dwell load` and `dwell run` take them."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.make import write_ndjson
from tests.warehouse.cli.conftest import ROWS, Said

Dwell = Callable[..., Said]
LANDING = Path("data/landing")


def dropped(name: str, *, seconds_ago: float = 60) -> Path:
    """A file of three events that landed so many seconds ago."""
    path = write_ndjson(LANDING / name, [row | {"from": name} for row in ROWS])
    then = path.stat().st_mtime - seconds_ago
    os.utime(path, (then, then))
    return path


def statuses(said: Said) -> list[tuple[str, str, str]]:
    """Source, file name and status of each batch."""
    return [(one["source"], Path(one["file"]).name, one["status"]) for one in said.json["batches"]]


def test_landed_files_are_loaded_without_any_configuration(dwell: Dwell) -> None:
    files = [dropped("a.ndjson"), dropped("shop/b.ndjson")]
    before = [(file.read_bytes(), file.stat().st_mtime_ns) for file in files]
    said = dwell("load", "--json")
    assert said.code == 0
    assert statuses(said) == [("events", "a.ndjson", "loaded"), ("shop", "b.ndjson", "loaded")]
    assert [status for *_, status in statuses(dwell("load", "--json"))] == ["unchanged"] * 2
    # Raw files stay as they came.
    assert [(file.read_bytes(), file.stat().st_mtime_ns) for file in files] == before


def test_an_empty_landing_folder_is_nothing_to_do(dwell: Dwell) -> None:
    LANDING.mkdir(parents=True)
    said = dwell("load")
    assert (said.code, said.out) == (
        0, "0 files loaded, 0 unchanged, 0 failed; 0 rows read: 0 loaded, 0 duplicate, 0 rejected."
        "\nNo build was made.\n",
    )  # fmt: skip


def test_a_file_still_being_written_waits_and_is_no_failure(dwell: Dwell) -> None:
    dropped("whole.ndjson")
    dropped("shop/fresh.ndjson", seconds_ago=0)
    dropped("shop/sent.ndjson.part")
    said = dwell("load", "--json")
    assert said.code == 0
    assert statuses(said) == [
        ("shop", "fresh.ndjson", "waiting"),
        ("shop", "sent.ndjson.part", "waiting"),
        ("events", "whole.ndjson", "loaded"),
    ]
    said = dwell("load")
    assert "1 unchanged, 2 waiting, 0 failed" in said.out
    assert "waiting: data/landing/shop/fresh.ndjson has just been written" in said.err
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
    said = dwell("load", "--source", "till", "--json")
    assert [one["rows_loaded"] for one in said.json["batches"]] == [1]


def test_one_source_alone_may_be_asked_for(dwell: Dwell) -> None:
    dropped("a.ndjson")
    dropped("shop/b.ndjson")
    said = dwell("load", "--source", "shop", "--json")
    assert statuses(said) == [("shop", "b.ndjson", "loaded")]
    said = dwell("load", "--source", "shpo")
    assert said.code == 2
    assert "No source 'shpo' is configured, and there is no data/landing/shpo" in said.err


def test_a_source_without_path_and_landing_folder_is_wrong(dwell: Dwell) -> None:
    Path("dwell.toml").write_text("[sources.till]\n")
    said = dwell("load")
    assert said.code == 2
    assert "'till' has no path, and nothing has landed for it in data/landing/till" in said.err


def test_run_takes_what_lands(dwell: Dwell) -> None:
    dropped("a.ndjson")
    said = dwell("run", "--times", "1")
    assert (said.code, "1 file loaded, 0 failed, build 1" in said.err) == (0, True)


def test_the_demo_and_the_landing_folder_do_not_mix(dwell: Dwell) -> None:
    made = dwell("demo", "--no-dashboard", "--events", "1000", "--days", "3", "--json")
    assert {one["source"] for one in made.json["batches"]} == {"web", "chat", "app"}
    again = dwell("load", "--json")
    assert (again.code, again.json["events"]) == (0, made.json["events"])
    assert {one["source"] for one in again.json["batches"]} == {"web", "chat", "app"}
    dropped("own.ndjson")
    said = dwell("load")
    assert (said.code, "holds the demo" in said.err) == (2, True)


@pytest.mark.parametrize("kind", ["gone", "folder"])
def test_what_is_no_file_is_left_out(dwell: Dwell, kind: str) -> None:
    LANDING.mkdir(parents=True)
    if kind == "gone":
        (LANDING / "dangling.csv").symlink_to("nowhere")
    else:
        (LANDING / "named.csv").mkdir()
    assert statuses(dwell("load", "--json")) == []
    shutil.rmtree(LANDING)
