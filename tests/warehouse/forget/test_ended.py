"""Erasures that were not ended: told of, ended by the next load, and noted in one receipt."""

import json
from pathlib import Path
from typing import Any

import pytest

import warehouse.forget.finish as finishing
from etl.errors import BuildError
from etl.lake import Lake
from etl.lake.receipts import pending
from tests.make import lake_table, load_files, write_ndjson
from tests.warehouse.forget.homes import forget_in, settings_for
from tests.warehouse.forget.leftovers import leftovers
from tests.warehouse.forget.test_commands import called
from warehouse.build.runner import ignore_step
from warehouse.build_files import last_build
from warehouse.health import state
from warehouse.saved_file import changed_entries

ANN = "ann@example.com"
ROWS = [
    {"user_id": ANN, "time": "2026-03-01T10:00:00Z", "event": "click"},
    {"user_id": "bob", "time": "2026-03-01T11:00:00Z", "event": "click"},
]


def receipt(home: Path) -> dict[str, Any]:
    """The newest."""
    path = max((home / "lake" / "erased").glob("0*.json"))
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return content


def cut_off(*_: Any, **__: Any) -> Any:
    """Instead of what comes next."""
    msg = "There is no room."
    raise BuildError(msg)


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose build failed when its people were out of the lake."""
    home = tmp_path / "home"
    path = write_ndjson(tmp_path / f"export_of_{ANN}.ndjson", ROWS)
    assert called_load(home, path) == 0
    with changed_entries(home, "segments") as entries:
        entries["her"] = {"label": "Her", "where": {"user_id": [ANN]}}
    with monkeypatch.context() as patch:
        patch.setattr(finishing, "build", cut_off)
        with pytest.raises(BuildError):
            forget_in(home, ANN)
    return home


def called_load(home: Path, path: Path) -> int:
    """The exit code of a load."""
    from warehouse.cli import main

    return main(["load", str(path), "--source", "web", "--home", str(home)])


def test_it_is_told_of_and_the_next_load_ends_it(
    begun: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = last_build(begun)
    assert first
    (told,) = state(settings_for(begun)).unfinished
    assert "forgotten in part only" in told
    code, out, _ = called(capsys, "check", "--home", begun)
    assert code == 1
    assert "All is whole" in out
    assert "Not ended: people are forgotten in part only" in out
    more = write_ndjson(tmp_path / "more.ndjson", [{**ROWS[1], "time": "2026-03-02T10:00:00Z"}])
    code, _, err = called(capsys, "load", more, "--source", "web", "--home", begun)
    assert code == 0
    assert "What was to be forgotten is gone" in err
    assert not first.path.exists()
    assert pending(Lake(begun).state()) == []
    assert state(settings_for(begun)).unfinished == []
    # What both runs did stands in the one receipt.
    found = receipt(begun)
    assert found["saved"] == {"segments.json": 1}
    assert f"builds/{first.path.name}" in found["builds_removed"]
    assert found["finished_at"]
    # Nobody was named: who is named later is looked for then.
    assert found["searched_files"] == 0
    code, out, _ = called(capsys, "forget", ANN, "--home", begun)
    assert code == 0
    assert f"'{ANN}' was forgotten before" in out
    assert "files of the home were searched" in out
    assert receipt(begun)["searched_files"] > 0
    assert receipt(begun)["saved"] == {"segments.json": 1}
    text = json.dumps(receipt(begun))
    assert ANN not in text
    assert "export_of_[forgotten].ndjson" in text


def test_what_stands_where_it_should_not_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    rows = [*ROWS, {**ROWS[1], "to": ANN}]
    load_files(home, write_ndjson(tmp_path / "x.ndjson", rows), source="web")
    with changed_entries(home, "alerts") as entries:
        entries["one"] = {"user": ANN}
    monkeypatch.setattr(finishing, "clean_saved", lambda *_: {})
    code, out, _ = called(capsys, "forget", ANN, "--home", home)
    assert code == 1
    own, others = out.split("in what is of others:")
    assert "alerts.json" in own
    assert "alerts.json" not in others
    assert "lake/events" in others


def test_a_file_called_after_her_is_called_otherwise(tmp_path: Path) -> None:
    home = tmp_path / "home"
    rows = [*ROWS, {"user_id": "bob", "time": "never"}]
    load_files(home, write_ndjson(tmp_path / f"{ANN}.ndjson", rows), source="web")
    told = forget_in(home, ANN)
    (kept,) = lake_table(home, "rejected")
    assert Path(kept["file"]).name == "[forgotten].ndjson"
    assert json.loads(kept["raw"]) == rows[-1]
    assert (told.searched.own, told.searched.others) == ({}, {})
    assert leftovers(home, [ANN]) == []


def test_nothing_is_ended_of_nobody(tmp_path: Path) -> None:
    home = tmp_path / "home"
    load_files(home, write_ndjson(tmp_path / "x.ndjson", ROWS), source="web")
    assert finishing.end_pending(settings_for(home), ignore_step) is None
