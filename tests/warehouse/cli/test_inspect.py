"""dwell inspect: what a load would come to, and nothing that stays."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.make import write_csv, write_ndjson
from tests.warehouse.cli.conftest import Dwell

HEADER = ("username", "dt", "page", "note")
VISITS = [
    ("kit", "2026-11-20 09:00:00", "/a", "x"),
    ("kit", "2026-11-20 09:05:00", "/b", "y"),
    ("lou", "2026-11-20 10:00:00", "/a", "z"),
    ("", "2026-11-20 10:00:00", "/a", "nobody"),
]


@pytest.fixture
def visits(tmp_path: Path) -> str:
    return str(write_csv(tmp_path / "visits.csv", [HEADER, *VISITS]))


def timeless(content: dict[str, Any]) -> dict[str, Any]:
    """What was told, but for how long it took."""
    batches = [batch | {"seconds": 0} for batch in content["batches"]]
    return content | {"batches": batches, "seconds": 0}


def test_inspect_says_what_columns_rows_and_sessions_would_be(dwell: Dwell, visits: str) -> None:
    result = dwell("inspect", visits)
    assert result.code == 0
    assert result.out.splitlines() == [
        f"{visits}: 4 rows, read as events",
        "  user        username",
        "  time        dt (written)",
        "  type        'page_view'",
        "  page        page",
        "  properties  note",
        "",
        "event_time           user_id  event_type  page  session  properties",
        '2026-11-20 09:00:00  kit      page_view   /a          1  {"note":"x"}',
        '2026-11-20 09:05:00  kit      page_view   /b          1  {"note":"y"}',
        '2026-11-20 10:00:00  lou      page_view   /a          2  {"note":"z"}',
        "",
        "3 events of 2 users in 2 sessions, 2026-11-20 09:00:00 to 2026-11-20 10:00:00 UTC.",
        f"1 row of {visits} rejected: no user, such as ,2026-11-20 10:00:00,/a,nobody",
        f"Warning: {visits}: takes 'username' for the user and 'dt' for the time and each row, "
        "without a type, for a page view, by what the values look like, and so in files of its "
        "kind that come later. If that is wrong, say which columns are right with --map.",
        "Nothing was written.",
    ]
    assert not Path("data").exists()


def test_inspect_and_a_dry_run_say_what_a_load_then_does(dwell: Dwell, visits: str) -> None:
    tried = dwell("inspect", visits, "--json").json
    assert timeless(dwell("load", "--dry-run", visits, "--json").json) == timeless(tried)
    assert not Path("data").exists()
    loaded = dwell("load", visits, "--json").json
    for name in ("sessions", "events", "as_of", "warnings"):
        assert tried[name] == loaded[name]
    counts = ("rows_read", "rows_loaded", "rows_duplicate", "rows_rejected", "warnings", "times")
    assert [[one[n] for n in counts] for one in tried["batches"]] == [
        [one[n] for n in counts] for one in loaded["batches"]
    ]
    runs = json.loads(dwell("sql", "select warnings from load_runs", "--json").out)
    assert [run["warnings"] for run in runs] == [one["warnings"] for one in loaded["batches"]]
    assert runs[0]["warnings"]


def test_inspect_leaves_a_home_and_its_horizon_alone(dwell: Dwell, visits: str) -> None:
    Path("dwell.toml").write_text('keep_events = "1d"\n', encoding="utf-8")
    dwell("load", visits)
    files = sorted(path for path in Path("data").rglob("*") if path.is_file())
    assert "3 events of 2 users" in dwell("inspect", visits).out
    assert sorted(path for path in Path("data").rglob("*") if path.is_file()) == files


def test_inspect_takes_what_is_configured(dwell: Dwell, visits: str) -> None:
    Path("dwell.toml").write_text(
        f"[sources.shop]\npath = '{visits}'\nmap = {{ user = 'note', time = 'dt' }}\n",
        encoding="utf-8",
    )
    result = dwell("inspect", "--json").json
    assert [kind["source"] for kind in result["kinds"]] == ["shop"]
    assert {"column": "note", "use": "user"} in result["kinds"][0]["uses"]
    assert {event["user_id"] for event in result["first_events"]} == {"x", "y", "z", "nobody"}


def test_files_that_are_read_alike_are_told_together(dwell: Dwell, tmp_path: Path) -> None:
    for day in (1, 2):
        rows = [{"user": f"u{day}", "time": f"2026-03-0{day} 12:00", "event": "open", "id": "7"}]
        write_ndjson(tmp_path / "in" / f"day-{day}.ndjson", rows)
    (tmp_path / "in" / "access.log").write_text(
        '203.0.113.7 - - [20/Nov/2026:09:00:00 +0000] "GET /a HTTP/1.1" 200 10 "-" "-"\n'
    )
    out = dwell("inspect", "in").out
    assert "2 files: 2 rows, read as events" in out
    assert "access.log: 1 row, read as access_log" in out
    assert "203.0.113.7" not in out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "failed: {file}: no format recognises it."),
        ("user,time,event\nann,never,open\n", "no event: {file}: no row of it could be an event: "),
        ("", "failed: {file} is empty"),
    ],
)
def test_a_file_that_cannot_be_loaded_is_told_with_exit_1(
    dwell: Dwell, text: str, said: str
) -> None:
    Path("rows.csv").write_text(text, encoding="utf-8")
    result = dwell("inspect", "rows.csv")
    assert result.code == 1
    assert said.format(file="rows.csv") in result.out
    assert "No event." in result.out
    assert not Path("data").exists()
