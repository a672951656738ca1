"""One event's life: from a line of an export to a metric, a notebook and a dashboard's number."""

import subprocess
import sys
from pathlib import Path

import duckdb

import warehouse
from tests.make import write_ndjson
from warehouse.filters import Filters
from warehouse.metrics import overview, users

DWELL = Path(sys.executable).parent / "dwell"


def test_one_event_is_seen_by_everyone_who_asks(tmp_path: Path) -> None:
    event = {
        "user_id": "ann", "timestamp": "2026-03-10T12:00:00Z", "event": "Page View",
        "url": "https://shop.test/welcome?utm_campaign=spring", "device_type": "Mobile",
    }  # fmt: skip
    file = write_ndjson(tmp_path / "export.ndjson", [event])
    home = tmp_path / "home"
    subprocess.run([DWELL, "load", file, "--home", home], check=True, capture_output=True)

    with warehouse.open(home) as wh:
        day = Filters(start=wh.as_of_date, end=wh.as_of_date)
        totals = overview.totals(wh, day).row(0, named=True)
        assert (totals["session_count"], totals["user_count"]) == (1, 1)
        (session,) = users.sessions(wh, "ann").to_dicts()
        assert (session["entry_page"], session["campaign"]) == ("/welcome", "spring")
        assert session["device_type"] == "mobile"
        (seen,) = users.session_events(wh, session["session_id"]).to_dicts()
        assert seen["event_type"] == "page_view"
        path = wh.path

    with duckdb.connect(path, read_only=True) as notebook:
        rows = notebook.execute("select user_id, event_count from user_sessions").fetchall()
    assert rows == [("ann", 1)]
    asked = subprocess.run(
        [DWELL, "sql", "select page from session_events", "--format", "csv", "--home", home],
        check=True,
        capture_output=True,
        text=True,
    )
    assert asked.stdout == "page\n/welcome\n"
