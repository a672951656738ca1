"""Patterns of sessions and users, and signs of frustration, counted by hand."""

from datetime import timedelta

import pytest

from etl.errors import ConfigError
from tests.warehouse.small_builds import NOON, session
from warehouse.filters import Filters
from warehouse.metrics import breakdowns, overview, patterns

DAY = Filters(start=NOON.date(), end=NOON.date())
ALL = Filters()


def shown(user, pattern=None, signs="", minute=0, confidence=0.5, **others):
    """A session that shows a pattern, by one indicator, and signs of frustration."""
    return session(
        user,
        NOON + timedelta(minutes=minute),
        pattern=pattern,
        pattern_confidence=confidence if pattern else None,
        pattern_indicators=["5 or more actions"] if pattern else None,
        indicator_set=signs,
        **others,
    )


def of_user(user, pattern, sessions=3, seconds=60.0, actions=4.0, errors=0):
    return {
        "user_id": user,
        "pattern": pattern,
        "session_count": sessions,
        "avg_duration_seconds": seconds,
        "avg_actions": actions,
        "newest_session_errors": errors,
    }


@pytest.fixture
def told(open_build):
    rows = [
        shown("u", "explorer", "rage_clicks, some_actions"),
        shown("u", "explorer", "rage_clicks, ended_on_error, some_actions", 60, confidence=1.0),
        shown("v", "confused", "many_errors, repeated_query", is_open=True),
        shown("v", None, "few_pages", 60),
        shown("w", None, "repeated_query", -24 * 60),
    ]
    users = [
        of_user("u", "power_user", seconds=2000.0, actions=60.0),
        of_user("v", "quick_checker", errors=2),
        of_user("w", "quick_checker"),
    ]
    facts = [{"user_id": row["user_id"], "pattern": row["pattern"]} for row in users]
    return open_build(rows, user_patterns=users, users=facts), rows


def test_sessions_are_counted_by_pattern_and_those_without(told):
    wh, _ = told
    assert patterns.sessions(wh, DAY).rows() == [
        ("explorer", 2, 0.5),
        ("confused", 1, 0.25),
        ("power_user", 0, 0.0),
        ("task_focused", 0, 0.0),
        (None, 1, 0.25),
    ]


def test_users_are_counted_by_pattern(told):
    wh, _ = told
    counts = {row[0]: row[1:] for row in patterns.users(wh, DAY).iter_rows()}
    assert counts == {
        "power_user": (1, 0.5),
        "quick_checker": (1, 0.5),
        **dict.fromkeys(("struggling_user", "regular_user", "new_user"), (0, 0.0)),
    }


def test_patterns_add_up_to_the_overview(told):
    wh, _ = told
    totals = overview.totals(wh, ALL).row(0, named=True)
    assert patterns.sessions(wh, ALL)["session_count"].sum() == totals["session_count"]
    assert patterns.users(wh, ALL)["user_count"].sum() == totals["user_count"]
    broken = breakdowns.by(wh, ALL, "pattern", ("session_count",))
    assert patterns.sessions(wh, ALL).row(0)[1] == broken["session_count"][0]


def test_the_trend_adds_up_to_the_patterns(told):
    wh, _ = told
    trend = patterns.trend(wh, ALL).drop_nulls("session_count")
    for pattern, count, _ in patterns.sessions(wh, ALL).iter_rows():
        is_it = trend["pattern"].eq_missing(pattern)
        assert trend.filter(is_it)["session_count"].sum() == count
    assert set(patterns.trend(wh, ALL, "user", "month")["pattern"]) == {
        "power_user",
        "quick_checker",
    }


def test_evidence_is_what_the_sessions_of_a_pattern_show(told):
    wh, _ = told
    assert patterns.evidence(wh, DAY).rows() == [
        ("confused", "5 or more actions", 1, 1.0),
        ("explorer", "5 or more actions", 2, 1.0),
    ]
    assert patterns.user_evidence(wh, ALL).rows() == [
        ("quick_checker", 2, 3.0, 60.0, 4.0, 1.0),
        ("power_user", 1, 3.0, 2000.0, 60.0, 0.0),
    ]


def test_signs_of_frustration_are_those_of_closed_sessions(told):
    wh, _ = told
    assert patterns.frustration(wh, DAY).rows() == [
        ("rage_clicks", 2, 1, pytest.approx(2 / 3)),
        ("error_then_exit", 1, 1, pytest.approx(1 / 3)),
        ("repeated_query", 0, 0, 0.0),
        ("any", 2, 1, pytest.approx(2 / 3)),
    ]


def test_without_sessions_no_share_is_told(open_build):
    wh = open_build([])
    assert patterns.frustration(wh, ALL).rows() == [
        (sign, 0, 0, None) for sign in (*patterns.SIGNS, "any")
    ]
    for name in ("sessions", "users", "trend", "evidence", "user_evidence"):
        frame = getattr(patterns, name)(wh, ALL)
        assert frame.is_empty()
        assert frame.columns


# Case: pattern and what it is of → the users of the sessions, the best or newest first, by minute.
EXAMPLES = {
    "those that show it best": (("explorer", "session"), [60, 0]),
    "those of its users": (("power_user", "user"), [60, 0]),
    "those with the sign": (("error_then_exit", "frustration"), [60]),
    "of closed sessions alone": (("repeated_query", "frustration"), []),
}


@pytest.mark.parametrize(("asked", "minutes"), EXAMPLES.values(), ids=EXAMPLES)
def test_examples_are(told, asked, minutes):
    wh, _ = told
    starts = patterns.examples(wh, DAY, *asked)["start_time"].to_list()
    assert starts == [NOON + timedelta(minutes=minute) for minute in minutes]


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda wh: patterns.examples(wh, ALL, "lost"), "Unknown pattern 'lost'"),
        (lambda wh: patterns.examples(wh, ALL, "explorer", "user"), "Unknown pattern 'explorer'"),
        (lambda wh: patterns.trend(wh, ALL, "page"), "Unknown of 'page'"),
    ],
)
def test_what_is_none_is_refused_with_what_there_is(told, ask, said):
    with pytest.raises(ConfigError, match=said):
        ask(told[0])
