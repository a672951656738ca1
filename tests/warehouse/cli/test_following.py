"""What follows a load: due exports, alerts of dwell.toml, and a delivery that holds nobody up."""

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.make import write_ndjson
from tests.warehouse.cli.conftest import Dwell
from tests.warehouse.delivery.servers import Answer, Hooks, hooks

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


def _write(tmp_path: Path, config: str) -> None:
    """Events of the last three days, and the configuration."""
    day = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    rows = [
        {"user": f"u{n}", "time": (day - timedelta(days=n)).isoformat(), "event": "page_view"}
        for n in (1, 2, 3)
    ]
    write_ndjson(tmp_path / "events.ndjson", rows)
    (tmp_path / "dwell.toml").write_text(config)


def test_a_load_writes_what_is_due_and_tells_what_fires(
    dwell: Dwell, tmp_path: Path, ops: Hooks
) -> None:
    _write(tmp_path, ALERTS.format(address=ops.address) + EXPORTS)
    came = dwell("load", "events.ndjson", "--json")
    assert came.code == 0
    assert [each["status"] for each in came.json["exports"]] == ["written"]
    assert "few" in [row["alert"] for row in came.json["alerts"]]
    assert (tmp_path / "out" / "sessions.csv").read_text().count("\n") >= 3
    assert [post.body["alert"] for post in ops.taken] == ["few"]


def test_the_next_load_tells_nothing_twice(dwell: Dwell, tmp_path: Path, ops: Hooks) -> None:
    _write(tmp_path, ALERTS.format(address=ops.address) + EXPORTS)
    dwell("load", "events.ndjson")
    again = dwell("load", "events.ndjson", "--json")
    assert "exports" not in again.json
    assert len(ops.posts) == 1


def test_dwell_run_is_followed_by_the_same(dwell: Dwell, tmp_path: Path, ops: Hooks) -> None:
    source = '[sources.web]\nformat = "events"\npath = "events.ndjson"\n'
    _write(tmp_path, source + ALERTS.format(address=ops.address) + EXPORTS)
    came = dwell("run", "--times", "1", "--every", "1m", "--json")
    assert came.code == 0
    assert "few" in [row["alert"] for row in came.json["alerts"]]
    assert len(ops.taken) == 1


def test_who_asks_for_nothing_waits_for_nothing(dwell: Dwell, tmp_path: Path) -> None:
    _write(tmp_path, "")
    came = dwell("load", "events.ndjson", "--json")
    assert not {"alerts", "exports"} & set(came.json)
    left = {path.name for path in (tmp_path / "data").iterdir()}
    assert not left & {"alerts.json", "exports.json", "outbox"}


def test_what_fails_behind_a_load_keeps_its_code(dwell: Dwell, tmp_path: Path) -> None:
    broken = '[exports.broken]\nquery = "select nothing"\npath = "out/x.csv"\nevery = "1 d"\n'
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{free.getsockname()[1]}"
        _write(tmp_path, ALERTS.format(address=dead) + broken)
        came = dwell("load", "events.ndjson", "--log", "json")
    told = {json.loads(line)["event"] for line in came.err.splitlines()}
    assert came.code == 0
    assert {"alert", "export_failed", "delivery_failed"} <= told


def test_a_receiver_that_does_not_answer_is_left(
    dwell: Dwell, tmp_path: Path, ops: Hooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("warehouse.after_load._DELIVERY_SECONDS", 1.0)
    ops.answer = lambda _: Answer(after=4)
    _write(tmp_path, ALERTS.format(address=ops.address))
    came = dwell("load", "events.ndjson")
    assert came.code == 0
    assert "no answer within" in came.err
    assert dwell("status", "--json").json["outbox"][0]["state"] == "waiting"


def test_dwell_alert_sends_what_it_finds(dwell: Dwell, tmp_path: Path, ops: Hooks) -> None:
    _write(tmp_path, "")
    dwell("load", "events.ndjson")
    (tmp_path / "dwell.toml").write_text(ALERTS.format(address=ops.address))
    came = dwell("alert")
    assert came.code == 1
    assert [post.body["alert"] for post in ops.taken] == ["few"]
