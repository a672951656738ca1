"""What follows a load: due exports, alerts of dwell.toml, and a delivery that holds nobody up."""

import json
import shutil
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.make import write_ndjson
from tests.warehouse.cli.conftest import Dwell
from tests.warehouse.delivery.servers import Answer, Hooks, hooks
from warehouse.cli import main

ALERTS = """
[receivers.ops]
webhook = "{address}"

[alerts.few]
metric = "session_count"
below = 1000
to = ["ops"]
"""
EXPORTS = """
[exports.sessions]
table = "user_sessions"
path = "out/sessions.csv"
every = "1 d"
"""


@pytest.fixture
def ops() -> Iterator[Hooks]:
    with hooks() as server:
        yield server


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Events of the last three days, and a home that has them. Nobody writes to it."""
    folder = tmp_path_factory.mktemp("following")
    day = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    rows = [
        {"user": f"u{n}", "time": (day - timedelta(days=n)).isoformat(), "event": "page_view"}
        for n in (1, 2, 3)
    ]
    events = write_ndjson(folder / "events.ndjson", rows)
    assert main(["load", str(events), "--home", str(folder / "data")]) == 0
    return folder


@pytest.fixture
def loaded(dwell: Dwell, base: Path, tmp_path: Path) -> Dwell:
    """Runs commands beside a copy of all that: a load has nothing to do but what follows it."""
    shutil.copytree(base, tmp_path, dirs_exist_ok=True)
    return dwell


def _write(tmp_path: Path, config: str) -> None:
    (tmp_path / "dwell.toml").write_text(config)


def test_a_load_writes_what_is_due_and_tells_what_fires_once(
    dwell: Dwell, base: Path, tmp_path: Path, ops: Hooks
) -> None:
    shutil.copy(base / "events.ndjson", tmp_path)
    _write(tmp_path, ALERTS.format(address=ops.address) + EXPORTS)
    came = dwell("load", "events.ndjson", "--json")
    assert came.code == 0
    assert [each["status"] for each in came.json["exports"]] == ["written"]
    assert "few" in [row["alert"] for row in came.json["alerts"]]
    assert (tmp_path / "out" / "sessions.csv").read_text().count("\n") >= 3
    assert [post.body["alert"] for post in ops.taken] == ["few"]
    again = dwell("load", "events.ndjson", "--json")
    assert "exports" not in again.json
    assert len(ops.posts) == 1
    assert "WARNING few" in came.err
    assert "Still on: few" in again.err
    assert "WARNING few" not in again.err


def test_dwell_run_is_followed_by_the_same(loaded: Dwell, tmp_path: Path, ops: Hooks) -> None:
    source = '[sources.web]\nformat = "events"\npath = "events.ndjson"\n'
    _write(tmp_path, source + ALERTS.format(address=ops.address) + EXPORTS)
    came = loaded("run", "--times", "1", "--every", "1m", "--json")
    assert came.code == 0
    assert "few" in [row["alert"] for row in came.json["alerts"]]
    assert len(ops.taken) == 1


def test_who_asks_for_nothing_waits_for_nothing(loaded: Dwell, tmp_path: Path) -> None:
    _write(tmp_path, "")
    came = loaded("load", "events.ndjson", "--json")
    assert not {"alerts", "exports"} & set(came.json)
    left = {path.name for path in (tmp_path / "data").iterdir()}
    assert not left & {"alerts.json", "exports.json", "outbox"}


def test_what_fails_behind_a_load_keeps_its_code(loaded: Dwell, tmp_path: Path) -> None:
    broken = '[exports.broken]\nquery = "select nothing"\npath = "out/x.csv"\nevery = "1 d"\n'
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{free.getsockname()[1]}"
        _write(tmp_path, ALERTS.format(address=dead) + broken)
        came = loaded("load", "events.ndjson", "--log", "json")
    told = {json.loads(line)["event"] for line in came.err.splitlines()}
    assert came.code == 0
    assert {"alert", "export_failed", "delivery_failed"} <= told


def test_a_receiver_that_does_not_answer_is_left(
    loaded: Dwell, tmp_path: Path, ops: Hooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("warehouse.after_load._DELIVERY_SECONDS", 1.0)
    ops.answer = lambda _: Answer(after=4)
    _write(tmp_path, ALERTS.format(address=ops.address))
    came = loaded("load", "events.ndjson")
    assert came.code == 0
    assert "no answer within" in came.err
    assert loaded("status", "--json").json["outbox"][0]["state"] == "waiting"


def test_dwell_alert_sends_what_it_finds(loaded: Dwell, tmp_path: Path, ops: Hooks) -> None:
    _write(tmp_path, ALERTS.format(address=ops.address))
    came = loaded("alert")
    assert came.code == 1
    assert [post.body["alert"] for post in ops.taken] == ["few"]
