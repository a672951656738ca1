"""get_alerts: what fires, what was noted, and the faults, of a home that has all of them."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.make import build_home, load_files, settings_of, write_ndjson
from tests.warehouse.mcp.serving import Caller, calling
from warehouse import alerts
from warehouse.mcp.builds import Builds
from warehouse.mcp.server import server_of

# All of them are over at whatever time of the day this runs, and on one day each.
LAST = (datetime.now(UTC) - timedelta(hours=2)).replace(minute=0, second=0, microsecond=0)
TODAY = LAST.date()


def _events() -> Iterator[dict[str, Any]]:
    """25 visits a day of one query each for eight weeks, none of them on two days of the sixth."""
    for ago in range(56, -1, -1):
        if ago in (14, 15):
            continue
        day = LAST - timedelta(days=ago)
        for user in range(60):
            time = day + timedelta(minutes=user)
            yield {"user": f"u{user}", "time": f"{time:%Y-%m-%dT%H:%M:%SZ}", "event": "prompt"}


@pytest.fixture(scope="module")
def ill(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ill")
    load_files(folder / "home", write_ndjson(folder / "events.ndjson", list(_events())))
    build_home(folder / "home")
    return folder / "home"


def asked(home: Path, **arguments: Any) -> dict[str, Any]:
    with calling(server_of(Builds(settings_of(home)), "1")) as caller:
        return caller.answer("get_alerts", **arguments)


def test_what_fires_is_told_before_anything_was_noted(ill: Path) -> None:
    answer = asked(ill)
    assert answer["firing_total"] == len(answer["firing"]) == 2
    alarm, warning = answer["firing"]
    assert (alarm["alert"], alarm["severity"], alarm["value"], alarm["limit"]) == (
        *("abandonment", "alarm", 1.0, 0.4),
    )
    assert alarm["until"] == f"{TODAY - timedelta(days=1)}"
    assert alarm["sentence"].startswith("Abandonment 100.0 % on ")
    assert warning["alert"] == "few_queries"
    assert (answer["history"], answer["rows_total"], answer["held_back"]) == ([], 0, [])
    assert "Nothing was noted yet" in answer["note"]


def test_faults_are_those_of_the_last_days(ill: Path) -> None:
    (fault,) = asked(ill)["faults"]
    days = [TODAY - timedelta(days=ago) for ago in (15, 14)]
    assert fault["kind"] == "outage"
    assert [fault["first_date"], fault["last_date"]] == [f"{day}" for day in days]
    assert asked(ill, days=14)["faults"] == []
    assert asked(ill, days=15)["faults_total"] == 1


def test_the_history_comes_by_pages(ill: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(ill, home)
    alerts.check(settings_of(home))
    whole = asked(home)
    noted = alerts.history(home)
    assert [row["alert"] for row in whole["history"]] == noted["alert"].to_list()
    assert not any(row["is_over"] for row in whole["history"])
    first = asked(home, limit=1)
    assert (first["truncated"], first["next_offset"]) == (noted.height > 1, 1)
    assert first["history"] + asked(home, offset=1)["history"] == whole["history"]


@pytest.mark.parametrize("arguments", [{"days": 0}, {"days": 10**6}, {"limit": 501}, {"day": 3}])
def test_what_does_not_fit_is_refused(over_http: Caller, arguments: dict[str, Any]) -> None:
    assert next(iter(arguments)) in over_http.refusal("get_alerts", **arguments)
