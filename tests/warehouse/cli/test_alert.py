"""dwell alert, on homes that were loaded: what it says, and how it ends."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree

import duckdb
import pytest

from tests.make import write_ndjson
from tests.warehouse.cli.conftest import Dwell
from warehouse.alerts import words
from warehouse.cli import main

TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
YESTERDAY = words.short_day((TODAY - timedelta(days=1)).date())
OFF = "[alerts.abandonment]\noff = true\n[alerts.few_queries]\noff = true\n"


@pytest.fixture(scope="module")
def home_of_visits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of three whole days up to now: on each 60 visits that end in silence behind one
    question. Nobody writes to it.
    """
    rows = [
        {
            "user": f"user-{n}",
            "time": (TODAY + timedelta(days=day, minutes=10 * n, seconds=after)).isoformat(),
            "event": event,
        }
        for day in (-3, -2, -1)
        for n in range(60)
        for after, event in ((0, "page_view"), (9, "prompt"))
    ]
    # As of is today.
    rows.append({"user": "last", "time": TODAY.isoformat(), "event": "page_view"})
    folder = tmp_path_factory.mktemp("visits")
    export = write_ndjson(folder / "visits.ndjson", rows)
    assert main(["load", str(export), "--home", str(folder / "data")]) == 0
    return folder / "data"


@pytest.fixture
def loaded(dwell: Dwell, home_of_visits: Path, tmp_path: Path) -> Dwell:
    """Runs commands beside a copy of that home."""
    copytree(home_of_visits, tmp_path / "data")
    return dwell


def test_what_fires_is_told_and_ends_with_1(loaded: Dwell) -> None:
    for _ in range(2):
        told = loaded("alert")
        assert told.code == 1
        assert told.out.splitlines() == [
            f"ALARM abandonment 100.0 % on {YESTERDAY} (limit 40 %), since {_day(-2)}",
            f"WARNING few_queries 1.0 on {YESTERDAY} (limit 2), since {_day(-2)}",
            f"Judged: {YESTERDAY}, 3 alerts.",
        ]
    content = loaded("alert", "--json").json
    assert (content["fires"], content["alerts"], content["messages"]) == (True, 3, 0)
    assert [row["alert"] for row in content["on"]] == ["abandonment", "few_queries"]
    history = loaded("alert", "--history", "1")
    assert history.code == 0
    assert history.out.count("\n") == 1
    assert history.out.endswith(", on\n")


def _day(back: int) -> str:
    return words.short_day((TODAY + timedelta(days=back)).date())


def test_nothing_fires(loaded: Dwell, tmp_path: Path) -> None:
    (tmp_path / "dwell.toml").write_text(OFF)
    told = loaded("alert")
    assert (told.code, told.out) == (0, f"Nothing fires. Judged: {YESTERDAY}, 1 alert.\n")
    assert loaded("alert", "--history", "9").out == "Nothing has fired yet.\n"


def test_status_and_load_show_it_and_keep_their_codes(loaded: Dwell, tmp_path: Path) -> None:
    status = loaded("status")
    assert status.code == 0
    assert f"\nAlerts\n  ALARM abandonment 100.0 % on {YESTERDAY} (limit 40 %)" in status.out
    assert loaded("status", "--json").json["alerts"]["fires"]
    assert not (tmp_path / "data" / "alerts.json").exists()
    (tmp_path / "dwell.toml").write_text("[alerts.x]\nmetric = 'bounces'\nabove = 1")
    status = loaded("status")
    assert (status.code, "Unknown metric 'bounces'" in status.out) == (0, True)
    assert "Unknown metric" in loaded("status", "--json").json["alerts_problem"]


def test_status_tells_the_rest_whatever_breaks_in_judging(
    loaded: Dwell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object, **__: object) -> None:
        msg = "no room"
        raise duckdb.OutOfMemoryException(msg)

    monkeypatch.setattr("warehouse.cli.status.check", breaks)
    status = loaded("status")
    assert status.code == 0
    assert status.out.startswith("Build 1 of ")
    assert "Alerts could not be judged: OutOfMemoryException: no room." in status.out


def test_a_dry_run_notes_nothing(loaded: Dwell, tmp_path: Path) -> None:
    told = loaded("alert", "--dry-run", "--days", "2")
    assert told.code == 0
    first, last = ((TODAY + timedelta(days=n)).date() for n in (-2, -1))
    assert told.out.splitlines() == [
        f"ALARM abandonment 100.0 % on {_day(-2)} (limit 40 %), still on",
        f"WARNING few_queries 1.0 on {_day(-2)} (limit 2), still on",
        f"Would have fired 2 times from {first} to {last}.",
    ]
    again = loaded("alert", "--dry-run", "--from", str(first), "--to", str(first), "--json").json
    assert [(row["alert"], row["date"]) for row in again["rows"]] == [
        ("abandonment", str(first)),
        ("few_queries", str(first)),
    ]
    assert not (tmp_path / "data" / "alerts.json").exists()


def test_old_data_fires_that_alone(loaded_events: Dwell, tmp_path: Path) -> None:
    told = loaded_events("alert")
    assert told.code == 1
    assert told.out.startswith("ALARM nothing_loaded on ")
    assert "the newest event is" in told.out
    (tmp_path / "dwell.toml").write_text("historic = true")
    told = loaded_events("alert")
    assert (told.code, told.out.splitlines()[-1]) == (
        0,
        "Nothing fires. The data is declared historic: only the home is judged.",
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--days", "3"), "are of a dry run"),
        (("--dry-run", "--days", "3", "--from", "2026-01-01"), "Leave one of them out"),
        (("--dry-run", "--days", "0"), "--days is 0"),
        (("--history", "0"), "a number of 1 or more"),
    ],
)
def test_what_does_not_go_together_is_refused(loaded_events: Dwell, arguments, said) -> None:
    told = loaded_events("alert", *arguments)
    assert told.code == 2
    assert said in told.err


def test_an_alert_that_does_not_fit_ends_with_2(loaded: Dwell, tmp_path: Path) -> None:
    (tmp_path / "dwell.toml").write_text("[alerts.x]\nmetric = 'bounces'\nabove = 1")
    told = loaded("alert")
    assert told.code == 2
    assert "[alerts.x] of dwell.toml: Unknown metric 'bounces'." in told.err


def test_without_a_build_there_is_nothing_to_judge(dwell: Dwell) -> None:
    told = dwell("alert")
    assert told.code == 1
    assert "No warehouse build" in told.err
