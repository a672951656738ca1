from datetime import date, timedelta

import pytest

from etl.errors import ConfigError
from tests.warehouse.small_builds import COLUMNS, NOON, at, event, session
from warehouse.filters import Filters
from warehouse.metrics import users

HOUR = timedelta(hours=1)


def user(user_id, **others):
    return {"user_id": user_id, "is_anonymous": False, "is_bot": False, **others}


@pytest.fixture(scope="module")
def three(open_shared_build):
    """Ann with three sessions on two days, Bob with one, a bot with one."""
    return open_shared_build(
        [
            session("Ann", NOON - timedelta(days=1), seconds=100, error_count=1),
            session("Ann", NOON, seconds=200),
            session("Ann", NOON + HOUR, seconds=600, action_count=5),
            session("bob", NOON + 2 * HOUR, seconds=90_000),
            session("bot", NOON, is_bot=True),
            session("old", at("2026-01-01")),
        ],
        users=[
            user("Ann", pattern="power_user", device_type="mobile", last_event_time=NOON),
            user("bob", is_anonymous=True, last_event_time=NOON + 2 * HOUR),
            user("bot", is_bot=True),
            user("old", pattern="new_user"),
        ],
        user_patterns=[
            {
                "user_id": "Ann",
                "pattern": "power_user",
                "session_count": 3,
                "avg_duration_seconds": 300.0,
                "avg_actions": 3.0,
                "newest_session_errors": 0,
            }
        ],
    )


MARCH = Filters(start=date(2026, 3, 1), end=date(2026, 3, 31))


def test_the_listing_sums_up_the_period_and_keeps_what_is_known_for_ever(three):
    answer = users.listing(three, MARCH)
    assert answer["user_id"].to_list() == ["bob", "Ann"]
    ann = answer.row(1, named=True)
    assert ann == {
        "user_id": "Ann",
        "is_anonymous": False,
        "pattern": "power_user",
        "session_count": 3,
        "active_day_count": 2,
        "last_event_time": NOON,
        "first_event_time": None,
        "avg_duration_seconds": 300.0,
        "median_duration_seconds": 200.0,
        "action_count": 9,
        "error_count": 1,
        "device_type": "mobile",
    }
    bob = answer.row(0, named=True)
    assert bob["median_duration_seconds"] is None  # Only a suspect session.
    assert bob["active_day_count"] == 2  # Past midnight.


@pytest.mark.parametrize(
    ("order", "descending", "expected"),
    [
        ("session_count", True, ["Ann", "bob"]),
        ("session_count", False, ["bob", "Ann"]),
        ("user_id", True, ["bob", "Ann"]),
        ("user_id", False, ["Ann", "bob"]),
        ("median_duration_seconds", True, ["Ann", "bob"]),
        ("median_duration_seconds", False, ["Ann", "bob"]),
        ("pattern", False, ["Ann", "bob"]),
        ("pattern", True, ["Ann", "bob"]),
    ],
)
def test_the_listing_is_ordered_with_unknown_values_last(three, order, descending, expected):
    answer = users.listing(three, MARCH, order=order, descending=descending)
    assert answer["user_id"].to_list() == expected


@pytest.mark.parametrize("order", users.ORDERS)
def test_every_order_is_a_column_and_works(three, order):
    assert order in users.listing(three, MARCH, order=order).columns


def test_an_unknown_order_is_refused_with_a_hint(three):
    with pytest.raises(ConfigError, match="Did you mean 'pattern'"):
        users.listing(three, MARCH, order="patern")


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        pytest.param("AN", ["Ann"], id="any case"),
        pytest.param("ob", ["bob"], id="in the middle"),
        pytest.param("%", [], id="no pattern language"),
        pytest.param("", ["bob", "Ann"], id="nothing looked for"),
        pytest.param("old", [], id="not in the period"),
    ],
)
def test_a_search_finds_users_by_a_part_of_their_id(three, search, expected):
    assert users.listing(three, MARCH, search=search)["user_id"].to_list() == expected
    assert users.count(three, MARCH, search=search).rows() == [(len(expected),)]


def test_pages_of_the_listing_follow_each_other_without_gap_or_overlap(open_build):
    wh = open_build([session(f"user{n:02}") for n in range(25)])
    pages = [
        users.listing(wh, Filters(), order="session_count", limit=10, offset=offset)
        for offset in (0, 10, 20)
    ]
    answer = [one for page in pages for one in page["user_id"]]
    assert answer == [f"user{n:02}" for n in range(25)]


def test_a_profile_carries_the_evidence_for_the_pattern(three):
    answer = users.profile(three, "Ann").row(0, named=True)
    assert answer["pattern"] == "power_user"
    assert answer["pattern_session_count"] == 3
    assert answer["pattern_avg_duration_seconds"] == 300
    assert answer["pattern_avg_actions"] == 3
    assert answer["newest_session_errors"] == 0


def test_a_user_without_a_pattern_has_a_profile_all_the_same(three):
    assert users.profile(three, "bob").height == 1


def test_an_unknown_user_has_no_profile_and_no_sessions(three):
    assert users.profile(three, "nobody").is_empty()
    assert users.sessions(three, "nobody").is_empty()


def test_sessions_of_a_user_come_newest_first_with_all_columns(three):
    answer = users.sessions(three, "Ann")
    starts = [NOON + HOUR, NOON, NOON - timedelta(days=1)]
    assert answer["start_time"].to_list() == starts
    columns = [line.split()[0] for line in COLUMNS["user_sessions"].split(",")]
    assert answer.columns == columns


def test_sessions_of_a_user_are_filtered_only_when_asked(three):
    assert users.sessions(three, "bot").height == 1
    assert users.sessions(three, "bot", MARCH).is_empty()
    today = Filters(start=NOON.date(), end=NOON.date())
    assert users.sessions(three, "Ann", today).height == 2


def test_events_of_a_session_come_in_order_with_their_gaps(open_build):
    row = session("ann", NOON, seconds=90, session_id="s")
    wh = open_build(
        [row, session("bob", session_id="other")],
        events=[
            event("s", "ann", NOON + timedelta(seconds=90), 3, event_type="logout"),
            event("s", "ann", NOON, 1, page="/a", properties='{"x": 1}'),
            event("other", "bob", NOON, 1),
            event("s", "ann", NOON + timedelta(microseconds=500_000), 2),
        ],
    )
    answer = users.session_events(wh, "s")
    assert answer.columns == [
        "event_number",
        "event_time",
        "seconds_since_start",
        "gap_seconds",
        "idle_limit_seconds",
        "event_type",
        "page",
        "is_action",
        "is_query",
        "is_error",
        "source",
        "chat_id",
        "properties",
    ]
    assert answer["event_number"].to_list() == [1, 2, 3]
    assert answer["seconds_since_start"].to_list() == [0.0, 0.5, 90.0]
    assert answer["gap_seconds"].to_list() == [None, 0.5, 89.5]
    assert answer["properties"].to_list()[0] == '{"x": 1}'


def test_an_unknown_session_has_no_events(three):
    assert users.session_events(three, "nothing").is_empty()
