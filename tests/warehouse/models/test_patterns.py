"""Patterns of users and sessions, workflows, and the tables about the load itself."""

import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

import warehouse
from tests.make import NOON, build_home, event, load_files, write_ndjson
from tests.model_runs import apart, run_models
from warehouse.build.model_files import models

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def session(
    start: timedelta, duration: timedelta, actions: int, kind: str = "click", user: str = "ann"
) -> list[dict[str, Any]]:
    """A session of so many actions, the last of them at its end."""
    steps = max(actions - 1, 1)
    return [event(start + duration * n / steps, kind, user_id=user) for n in range(actions)]


def user_pattern(events: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Ann's row, when all her sessions are over."""
    closing = event(NOON + timedelta(days=400), user_id="later")
    (row,) = run_models([*events, closing]).rows("from user_patterns where user_id = 'ann'")
    return row


USERS: dict[str, tuple[list[dict[str, Any]], str]] = {
    "over both lines": (session(0 * HOUR, 1801 * SECOND, 51), "power_user"),
    "exactly 1800 s": (session(0 * HOUR, 1800 * SECOND, 51), "regular_user"),
    "exactly 50 actions": (session(0 * HOUR, 1801 * SECOND, 50), "regular_user"),
    "under 300 s": (session(0 * HOUR, 299 * SECOND, 9), "quick_checker"),
    "exactly 300 s": (session(0 * HOUR, 300 * SECOND, 9), "regular_user"),
    "6 errors": (session(0 * HOUR, 400 * SECOND, 6, "error"), "struggling_user"),
    "5 errors": (session(0 * HOUR, 400 * SECOND, 5, "error"), "regular_user"),
    "the first rule wins": (session(0 * HOUR, 299 * SECOND, 6, "error"), "quick_checker"),
    "errors of the newest session alone": (
        [*session(0 * HOUR, 400 * SECOND, 9, "error"), *session(5 * HOUR, 400 * SECOND, 9)],
        "regular_user",
    ),
}


def test_the_pattern_of_a_user() -> None:
    closing = event(NOON + timedelta(days=400), user_id="later")
    marts = run_models([*apart({case: rows for case, (rows, _) in USERS.items()}), closing])
    told = marts.rows("select user_id, pattern from user_patterns where user_id <> 'later'")
    assert {row["user_id"]: row["pattern"] for row in told} == {
        f"{case}/ann": wanted for case, (_, wanted) in USERS.items()
    }


def test_a_user_whose_only_session_is_open_is_new_and_has_no_evidence() -> None:
    (row,) = run_models([event(timedelta())]).rows("from user_patterns")
    assert (row["pattern"], row["session_count"], row["avg_actions"]) == ("new_user", 0, None)


def test_a_user_s_pattern_looks_at_the_last_twenty_closed_sessions() -> None:
    old = [row for n in range(5) for row in session(n * 3 * HOUR, 10 * SECOND, 2)]
    new = [row for n in range(20) for row in session((100 + n * 3) * HOUR, 600 * SECOND, 4)]
    row = user_pattern([*old, *new])
    assert (row["session_count"], row["pattern"]) == (20, "regular_user")
    assert (row["avg_duration_seconds"], row["avg_actions"]) == (600, 4)


def test_a_session_over_24_h_is_no_evidence_of_how_long_a_user_stays() -> None:
    long = [event(30 * MINUTE * n) for n in range(50)]
    row = user_pattern([*long, *session(100 * HOUR, 60 * SECOND, 2)])
    assert (row["session_count"], row["avg_duration_seconds"]) == (2, 60)
    assert (row["pattern"], row["avg_actions"]) == ("quick_checker", 26)


def indicators(events: Sequence[dict[str, Any]], pattern: str) -> set[str]:
    """The indicators of a pattern that hold in the one session."""
    (row,) = run_models(events).rows(f"from session_patterns where pattern = '{pattern}'")
    return set(row["indicators"])


def click(offset: timedelta, x: float, y: float) -> dict[str, Any]:
    """A click at a place."""
    return event(offset, properties={"x": x, "y": y})


@pytest.mark.parametrize(
    ("events", "wanted"),
    [
        ([click(timedelta(), 0, 0), click(SECOND / 2, 30, 0), click(SECOND, 0, 30)], True),
        ([click(timedelta(), 0, 0), click(SECOND / 2, 30.5, 0), click(SECOND, 0, 0)], False),
        ([click(timedelta(), 0, 0), click(SECOND, 0, 0), click(SECOND * 1.001, 0, 0)], False),
        ([click(timedelta(), 0, 0), click(SECOND, 0, 0)], False),
        ([event(timedelta()), event(SECOND / 4), event(SECOND / 2)], False),
    ],
)
def test_three_clicks_within_a_second_and_30_px_are_a_sign_of_confusion(
    events: list[dict[str, Any]], wanted: bool
) -> None:
    assert ("3 clicks within 1 s and 30 px" in indicators(events, "confused")) == wanted


# Case: settings → the words of the indicators, where two clicks 0.4 s and 40 px apart are rage.
THRESHOLDS = {
    "as few as two": (
        {"rage_clicks": 2, "rage_click_distance": 40},
        "2 clicks within 1 s and 40 px",
        True,
    ),
    "too far apart": (
        {"rage_clicks": 2, "rage_click_distance": 39},
        "2 clicks within 1 s and 39 px",
        False,
    ),
    "too slow": (
        {"rage_clicks": 2, "rage_click_distance": 40, "rage_click_time": 0.3 * SECOND},
        "2 clicks within 0.3 s and 40 px",
        False,
    ),
    "too few": ({"rage_click_distance": 40}, "3 clicks within 1 s and 40 px", False),
}


@pytest.mark.parametrize(("settings", "words", "wanted"), THRESHOLDS.values(), ids=THRESHOLDS)
def test_what_rage_is_is_a_matter_of_settings(
    settings: dict[str, Any], words: str, wanted: bool
) -> None:
    events = [event(n * 0.4 * SECOND, "click", properties={"x": 40 * n, "y": 0}) for n in range(2)]
    marts = run_models(events, **settings)
    known = marts.rows("select meaning from int_pattern_indicators")
    assert words in [row["meaning"] for row in known]
    (row,) = marts.rows("select indicator_set from user_sessions")
    assert ("rage_clicks" in row["indicator_set"]) == wanted


@pytest.mark.parametrize(
    ("gap", "second", "wanted"),
    [
        (20 * SECOND, "best laptop", True),
        (20 * SECOND, "  Best\n LAPTOP ", True),
        (20.000001 * SECOND, "best laptop", False),
        (5 * SECOND, "best laptops", False),
        (5 * SECOND, None, False),
    ],
)
def test_a_query_repeated_within_20_s_is_a_sign_of_confusion(
    gap: timedelta, second: str | None, wanted: bool
) -> None:
    events = [
        event(timedelta(), "prompt", properties={"text": "best laptop"}),
        event(gap, "search", properties={"query": second} if second else None),
    ]
    assert ("query repeated within 20 s" in indicators(events, "confused")) == wanted


DISTINCT = "70 % or more of page views are distinct pages"


def views(*pages: str) -> list[dict[str, Any]]:
    """Views of pages, a second apart."""
    return [event(n * SECOND, "page_view", page=page) for n, page in enumerate(pages)]


# A session, a pattern, an indicator of it, and whether that holds.
SIGNS: list[tuple[list[dict[str, Any]], str, str, bool]] = [
    (views("/a", "/b", "/a", "/a"), "confused", "a page seen 3 or more times", True),
    (views("/a", "/b", "/a"), "confused", "a page seen 3 or more times", False),
    (views(*"abcdefgh"), "explorer", "8 or more distinct pages", True),
    (views(*"abcdefg"), "explorer", "8 or more distinct pages", False),
    (views(*"abcdefg", *"abc"), "explorer", DISTINCT, True),
    (views(*"abcdefg", *"abcd"), "explorer", DISTINCT, False),
    ([event(SECOND)], "explorer", DISTINCT, False),
    (session(0 * HOUR, 1800 * SECOND, 2), "power_user", "30 minutes or longer", True),
    (session(0 * HOUR, 1799 * SECOND, 2), "power_user", "30 minutes or longer", False),
    (session(0 * HOUR, HOUR, 50), "power_user", "50 or more actions", True),
    (session(0 * HOUR, HOUR, 49), "power_user", "50 or more actions", False),
    (session(0 * HOUR, MINUTE, 5), "task_focused", "5 or more actions", True),
    (session(0 * HOUR, MINUTE, 4), "task_focused", "5 or more actions", False),
    (session(0 * HOUR, MINUTE, 3, "error"), "confused", "3 or more errors", True),
    (session(0 * HOUR, MINUTE, 2, "error"), "confused", "3 or more errors", False),
    (session(0 * HOUR, MINUTE, 1, "error"), "confused", "ended on an error", True),
]  # fmt: skip


def test_the_indicators_of_session_patterns() -> None:
    marts = run_models(apart({str(n): rows for n, (rows, *_) in enumerate(SIGNS)}))
    found = marts.rows(
        "select user_id, session_patterns.pattern, indicators "
        "from session_patterns inner join user_sessions using (session_id)"
    )
    held = {(row["user_id"], row["pattern"]): row["indicators"] for row in found}
    for number, (_, pattern, indicator, wanted) in enumerate(SIGNS):
        assert (indicator in held[f"{number}/ann", pattern]) == wanted, number


def test_indicators_of_patterns_are_those_that_sessions_are_given() -> None:
    sql = {model.name: model.sql for model in models()}
    given = re.findall(r"then '(\w+)' end|then '(\w+)'\n +end", sql["int_sessions"])
    with duckdb.connect() as con:
        con.execute(
            "create table stg_settings as select 3 as rage_clicks, '1' as rage_click_seconds, "
            "30 as rage_click_distance, '20' as repeated_query_seconds"
        )
        rows = con.execute(f"select indicator from ({sql['int_pattern_indicators']})").fetchall()
    assert {first or second for first, second in given} == {name for (name,) in rows}
    assert len(given) == len(set(given)) == 15


def test_of_equal_scores_the_order_of_the_definitions_wins() -> None:
    slow = [event(n * 360 * SECOND, "page_view", page=page) for n, page in enumerate("abcdab")]
    marts = run_models(slow)
    best = marts.rows("select pattern from session_patterns where score = 0.5 order by pattern")
    assert [row["pattern"] for row in best] == ["power_user", "task_focused"]
    (row,) = marts.sessions()
    assert (row["pattern"], row["pattern_confidence"]) == ("power_user", 0.5)
    assert row["pattern_indicators"] == ["30 minutes or longer", "no errors"]


def pattern(events: Sequence[dict[str, Any]], **settings: Any) -> str | None:
    """The pattern of the one session."""
    (row,) = run_models(events, **settings).sessions()
    return row["pattern"]


@pytest.mark.parametrize(
    ("events", "wanted"),
    [
        pytest.param(views("/a"), None, id="a lone page view is no explorer"),
        pytest.param(views(*"abcd"), None, id="four actions are too few"),
        pytest.param(views(*"abcdefgh"), "explorer", id="eight pages are"),
        pytest.param(session(0 * HOUR, MINUTE, 5), "task_focused", id="five actions, one page"),
        pytest.param(session(0 * HOUR, 40 * MINUTE, 4), None, id="long but with four actions"),
        pytest.param(session(0 * HOUR, MINUTE, 4, "error"), None, id="four errors are too few"),
    ],
)
def test_only_sessions_with_five_actions_have_a_pattern(
    events: list[dict[str, Any]], wanted: str | None
) -> None:
    assert pattern(events) == wanted


def test_how_many_actions_a_pattern_needs_is_a_setting() -> None:
    long = session(0 * HOUR, 1800 * SECOND, 2)
    assert pattern(long) is None
    assert pattern(long, pattern_actions=2) == "power_user"


@pytest.mark.parametrize(
    ("events", "name"),
    [
        pytest.param(session(0 * HOUR, MINUTE, 3), "power_user", id="no errors"),
        pytest.param(session(0 * HOUR, MINUTE, 3), "task_focused", id="no errors, few pages"),
        pytest.param(session(0 * HOUR, MINUTE, 3), "explorer", id="no completed workflow"),
    ],
)
def test_an_absence_counts_only_beside_a_presence(events: list[dict[str, Any]], name: str) -> None:
    assert indicators(events, name) == set()
    (row,) = run_models(events).rows(f"from session_patterns where pattern = '{name}'")
    assert row["score"] == 0


def test_no_pattern_reaches_one_half_by_an_error_alone() -> None:
    events = [event(timedelta(), "error"), event(SECOND)]
    assert run_models(events).sessions()[0]["pattern"] is None


def step(offset: timedelta, kind: str, run: str, **more: Any) -> dict[str, Any]:
    """An event of a workflow run."""
    return event(offset, f"workflow_{kind}", properties={"workflow_id": run, **more})


def test_workflows_are_completed_abandoned_or_running() -> None:
    events = [
        step(0 * MINUTE, "start", "done", name="export"),
        step(2 * MINUTE, "complete", "done"),
        step(3 * MINUTE, "start", "left", name="import"),
        step(4 * MINUTE, "step", "left", step="choose file"),
        step(6 * HOUR, "start", "now"),
    ]
    runs = run_models(events).rows("from workflow_executions order by start_time")
    states = [(run["workflow_id"], run["status"], run["duration_seconds"]) for run in runs]
    assert states == [("done", "completed", 120), ("left", "abandoned", 60), ("now", "running", 0)]
    assert [run["last_step"] for run in runs] == [None, "choose file", None]
    assert [run["workflow_name"] for run in runs] == ["export", "import", None]


def test_users_sum_up_what_they_did() -> None:
    events = [
        event(timedelta(), "prompt", anonymous_id="x", user_id="x", device_type="mobile"),
        event(MINUTE, "error", anonymous_id="x", user_id="x"),
        event(24 * HOUR, user_id="x", device_type="desktop", anonymous_id="x"),
        event(48 * HOUR, user_id="bob"),
    ]
    row = run_models(events).rows("from users where user_id = 'x'")[0]
    names = (
        *("is_anonymous", "session_count", "event_count", "action_count", "query_count"),
        *("error_count", "active_day_count", "total_duration_seconds", "device_type"),
    )
    assert [row[name] for name in names] == [True, 2, 3, 3, 1, 1, 2, 60.0, "desktop"]
    assert (row["first_event_time"], row["last_event_time"]) == (NOON, NOON + 24 * HOUR)


def test_what_was_loaded_and_rejected_is_in_the_build(tmp_path: Path) -> None:
    lines = ['{"user": "a", "time": 1773144000, "event": "x"}', "{one", "{two", '{"time": 1}']
    file = write_ndjson(tmp_path / "e.ndjson", lines)
    (tmp_path / "empty.csv").write_text("")
    load_files(tmp_path / "home", file, tmp_path / "empty.csv")
    build_home(tmp_path / "home")
    with warehouse.open(tmp_path / "home") as wh:
        runs = wh.sql(
            "select status, rows_read, rows_loaded, rows_duplicate, rows_rejected from load_runs "
            "order by status desc"
        ).fetchall()
        assert runs == [("loaded", 4, 1, 0, 3), ("failed", None, None, None, None)]
        rejected = wh.sql("select reason, row_count, first_line, example from rejected_summary")
        assert sorted(rejected.fetchall()) == [
            ("no user", 1, 4, '{"time": 1}'),
            ("not valid JSON", 2, 2, "{one"),
        ]
