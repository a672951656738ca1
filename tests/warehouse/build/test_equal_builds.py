"""The comparison of two builds sees what differs: else it would say nothing of Spark."""

from pathlib import Path

from tests.make import build_home, commit_events, event, minutes
from tests.spark.equal_builds import differences


def home_of(folder: Path, *events: dict) -> Path:
    commit_events(folder, events)
    return build_home(folder).path


def test_equal_builds_do_not_differ(tmp_path: Path) -> None:
    rows = [
        event(time, user_id=user, event_id=f"{user}{time}")
        for user in "ab"
        for time in minutes(0, 5)
    ]
    one, other = home_of(tmp_path / "one", *rows), home_of(tmp_path / "other", *reversed(rows))
    assert differences(one, other, leave_out=["load_runs"]) == {}


def test_one_value_of_one_row_is_told(tmp_path: Path) -> None:
    rows = [event(time, event_id=f"{time}", page="/a") for time in minutes(0, 5)]
    changed = [rows[0], rows[1] | {"browser": "Firefox"}]
    one, other = home_of(tmp_path / "one", *rows), home_of(tmp_path / "other", *changed)
    found = differences(one, other, leave_out=["load_runs"])
    assert {"session_events", "user_sessions"} <= found.keys()
    assert "browser" in found["session_events"]
    assert "'Firefox'" in found["session_events"]


def test_a_row_more_is_told(tmp_path: Path) -> None:
    rows = [event(time, event_id=f"{time}") for time in minutes(0, 60)]
    one, other = home_of(tmp_path / "one", *rows), home_of(tmp_path / "other", rows[0])
    assert "1 and 0 rows" in differences(one, other)["session_events"]
