"""dwell prune: what it says has left, what a dry run leaves, and which ages it refuses."""

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from etl.lake import Lake
from tests.make import lake_events, write_ndjson
from tests.warehouse.cli.conftest import Dwell
from warehouse.cli import main

# Two sessions of the first day, one of which goes on past midnight, and one of the third.
CLICKS = [
    *(("ann", "01T09:00"), ("ann", "01T09:10"), ("bob", "01T10:00")),
    *(("cid", "01T23:50"), ("cid", "02T00:10"), ("ann", "03T09:00"), ("dan", "03T12:00")),
]


def clicks(path: Path, *given: tuple[str, str]) -> Path:
    """An export of clicks of users at times of March."""
    rows = [{"user": u, "time": f"2026-03-{t}:00Z", "event": "click"} for u, t in given]
    return write_ndjson(path, rows)


@pytest.fixture(scope="module")
def home_of_clicks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that has the clicks, with one build. Nobody writes to it."""
    folder = tmp_path_factory.mktemp("clicks")
    file, home = clicks(folder / "a.ndjson", *CLICKS), folder / "data"
    assert main(["load", str(file), "--source", "web", "--home", str(home)]) == 0
    return home


@pytest.fixture
def loaded(dwell: Dwell, tmp_path: Path, home_of_clicks: Path) -> Dwell:
    """Runs commands on a copy of that home."""
    shutil.copytree(home_of_clicks, tmp_path / "data")
    return dwell


def test_prune_says_what_left_and_a_dry_run_what_would(loaded: Dwell) -> None:
    wanted: dict[str, Any] = {"pruned_before": "2026-03-02", "events": 3, "sessions": 2}
    wanted["events_staying"] = 1
    dry = loaded("prune", "--older-than", "1d", "--dry-run", "--json")
    assert (dry.code, dry.json) == (0, wanted | {"dry_run": True, "build": 1})
    assert "3 events of 2 sessions before 2026-03-02 would leave" in (
        loaded("prune", "--older-than", "1d", "--dry-run").out
    )
    pruned = loaded("prune", "--older-than", "1d", "--json")
    assert (pruned.code, pruned.json) == (0, wanted | {"dry_run": False, "build": 2})
    again = loaded("prune", "--before", "2026-03-02", "--json")
    assert again.json["events"] == 0
    assert "Nothing was changed" in loaded("prune", "--before", "2026-03-02").out


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param((), id="no age"),
        pytest.param(("--older-than", "soon"), id="no duration"),
        pytest.param(("--older-than", "1h"), id="less than a day"),
        pytest.param(("--older-than", "30"), id="no unit"),
        pytest.param(("--older-than", "1.5"), id="no unit, and a point"),
        pytest.param(("--before", "yesterday"), id="no day"),
        pytest.param(("--older-than", "9999999d"), id="longer than a century"),
        pytest.param(("--older-than", "9" * 400 + " d"), id="longer than any number"),
        pytest.param(("--before", "0001-01-01"), id="a day before all events"),
        pytest.param(("--before", "9999-12-31"), id="a far day"),
    ],
)
def test_prune_refuses_a_wrong_age_and_leaves_the_lake(
    loaded: Dwell, arguments: tuple[str, ...]
) -> None:
    result = loaded("prune", *arguments, "--json")
    assert (result.code, result.json["exit_code"]) == (2, 2)
    assert Lake(Path("data")).state().pruned is None


def test_keep_events_prunes_after_each_load(loaded: Dwell, tmp_path: Path) -> None:
    Path("dwell.toml").write_text('keep_events = "2 days"\n')
    newer = str(clicks(tmp_path / "newer.ndjson", ("eve", "05T12:00")))
    first = loaded("load", newer, "--source", "web", "--json")
    assert (first.code, first.json["events"]) == (0, 3)
    pruned = Lake(Path("data")).state().pruned
    assert pruned is not None
    assert pruned.before == date(2026, 3, 3)
    again = loaded("load", newer, "--source", "web", "--json")
    assert (again.code, again.json["build"]) == (0, first.json["build"])


def test_keep_texts_drops_after_each_load_and_prune_says_what_would_go(
    dwell: Dwell, tmp_path: Path
) -> None:
    rows = [
        {
            "user": "ann",
            "time": f"2026-03-{day}T12:00:00Z",
            "event": "prompt",
            "text": f"said {day}",
        }
        for day in ("01", "09")
    ]
    file = str(write_ndjson(tmp_path / "said.ndjson", rows))
    assert dwell("load", file, "--source", "chat").code == 0
    assert "keep_events or keep_texts" in dwell("prune", "--dry-run").err
    Path("dwell.toml").write_text('historic = true\nkeep_texts = "7 days"\n')
    wanted = {"events": 1, "rejected_rows": 0, "before": {"chat": "2026-03-02T00:00:00Z"}}
    dry = dwell("prune", "--dry-run", "--json")
    assert (dry.json["texts"], dry.json["build"], dry.json["events"]) == (wanted, 1, 0)
    would = dwell("prune", "--dry-run").out
    assert "The texts of 1 event and 0 rejected rows would be dropped" in would
    assert "chat: before 2026-03-02" in would
    # Nothing new is loaded, and yet the time has come.
    assert "Dropped the texts of 1 event" in dwell("load", file, "--source", "chat").err
    assert [row["properties"] for row in lake_events(Path("data"))] == [
        {"not_kept": {"prompt_length": 7, "response_length": 7}},
        {"text": "said 09"},
    ]
    assert "No text is older" in dwell("prune").out
    (kept,) = dwell("status", "--json").json["kept"]
    assert (kept["source"], kept["events_days"], kept["texts_days"]) == ("chat", None, 7)
    assert "chat: kept are events for ever, texts 7 days (those before 2026-03-02 00:00 UTC" in (
        dwell("status").out
    )
