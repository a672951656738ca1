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
            session(
                "Ann",
                NOON - timedelta(days=1),
                seconds=100,
                error_count=1,
                session_number=1,
                model_group="blue",
            ),
            session("Ann", NOON, seconds=200, session_number=2, model_group="green"),
            session("Ann", NOON + HOUR, seconds=600, action_count=5),
            session("bob", NOON + 2 * HOUR, seconds=90_000),
            session("bot", NOON, is_bot=True),
            session("old", at("2026-01-01")),
        ],
        users=[
            user(
                "Ann",
                pattern="power_user",
                device_type="mobile",
                model_group="green",
                last_event_time=NOON,
            ),
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
        "first_model_group": "blue",
        "last_model_group": "green",
        "pattern_session_count": 3,
        "pattern_avg_duration_seconds": 300.0,
        "pattern_avg_actions": 3.0,
        "newest_session_errors": 0,
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
    assert (answer["first_model_group"], answer["model_group"]) == ("blue", "green")


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


@pytest.fixture(scope="module")
def many(open_shared_build):
    """Cy with twelve sessions on four days; each third has an error, each fourth a type."""
    rows = [
        session(
            "Cy",
            NOON + timedelta(days=number // 3, hours=number % 3),
            seconds=10 * (number % 5),
            error_count=int(number % 3 == 0),
            session_type="chat" if number % 4 == 0 else None,
            session_number=number + 1,
            session_id=f"s{number:02}",
        )
        for number in range(12)
    ]
    events = [
        event(
            row["session_id"],
            "Cy",
            row["start_time"] + timedelta(seconds=second),
            second + 1,
            event_type="error" if second == 0 and row["error_count"] else "click",
            is_error=second == 0 and bool(row["error_count"]),
        )
        for row in rows
        for second in range(int(row["duration_seconds"]) + 1)
    ]
    return open_shared_build([*rows, session("Di")], events=events)


@pytest.mark.parametrize("order", users.SESSION_ORDERS)
@pytest.mark.parametrize("descending", [True, False])
def test_pages_of_a_users_sessions_are_the_whole_list_in_order(many, order, descending):
    asked = {"order": order, "descending": descending}
    pages = [users.sessions(many, "Cy", limit=5, offset=offset, **asked) for offset in (0, 5, 10)]
    answer = [row for page in pages for row in page.iter_rows(named=True)]
    newest = sorted(users.sessions(many, "Cy").to_dicts(), key=lambda row: row["start_time"])[::-1]
    known = [row for row in newest if row[order] is not None]
    unknown = [row for row in newest if row[order] is None]
    # A stable sort keeps the newest first among equals.
    expected = sorted(known, key=lambda row: row[order], reverse=True)
    if not descending:
        expected = sorted(known, key=lambda row: row[order])
    assert [row["session_id"] for row in answer] == [
        row["session_id"] for row in [*expected, *unknown]
    ]


def test_sessions_are_those_with_an_event_or_of_an_id(many):
    with_errors = users.sessions(many, "Cy", event="error")
    assert with_errors["session_id"].to_list() == ["s09", "s06", "s03", "s00"]
    assert users.sessions(many, "Cy", session_id="s04")["session_number"].to_list() == [5]
    assert users.sessions(many, "Di", session_id="s04").is_empty()
    assert users.sessions(many, "Cy", event="jump").is_empty()


def test_an_unknown_order_of_sessions_is_refused(many):
    with pytest.raises(ConfigError, match="Did you mean 'start_time'"):
        users.sessions(many, "Cy", order="start_tim")


def test_days_are_those_on_which_sessions_began(many):
    answer = users.days(many, "Cy")
    assert answer.columns == ["date", "session_count", "duration_seconds", "error_count"]
    assert answer.rows() == [
        (NOON.date(), 3, 30.0, 1),
        (date(2026, 3, 11), 3, 70.0, 1),
        (date(2026, 3, 12), 3, 60.0, 1),
        (date(2026, 3, 13), 3, 50.0, 1),
    ]
    assert users.days(many, "Cy", event="error")["session_count"].to_list() == [1, 1, 1, 1]
    assert users.days(many, "Cy", event="jump").is_empty()
    assert users.days(many, "nobody").is_empty()


def test_days_of_suspects_alone_have_no_duration(three):
    assert users.days(three, "bob").rows() == [(NOON.date(), 1, None, 0)]


def test_event_types_tell_in_how_many_sessions_they_are(many):
    # A session of one event that is an error holds nothing else.
    assert users.event_types(many, "Cy").rows() == [("click", 11), ("error", 4)]
    assert users.event_types(many, "nobody").is_empty()


def test_marks_lie_where_the_events_do(many):
    day = NOON.date()
    answer = users.event_marks(many, "Cy", day, day, "error")
    assert answer.columns == ["session_id", "place", "event_count", "error_count", "chosen_count"]
    # The only session of the day with an error has this one event.
    assert answer.rows() == [("s00", 0.0, 1, 1, 1)]
    of_day = users.event_marks(many, "Cy", day, day)
    assert of_day["chosen_count"].sum() == 0
    (ten,) = of_day.filter(of_day["session_id"] == "s01").partition_by("session_id")
    assert ten["place"].to_list() == pytest.approx([at / 10 for at in range(11)])
    assert users.event_marks(many, "Di", date(2026, 1, 1), date(2026, 1, 2)).is_empty()


def test_a_session_of_many_events_has_few_marks_that_count_them_all(open_build):
    row = session("ann", NOON, seconds=1000, session_id="s", event_count=5001)
    events = [
        event("s", "ann", NOON + timedelta(milliseconds=200 * number), number + 1)
        for number in range(5001)
    ]
    answer = users.event_marks(open_build([row], events=events), "ann", NOON.date(), NOON.date())
    assert answer.height == users.MOST_MARKS
    assert answer["event_count"].sum() == 5001
    assert answer["place"].is_sorted()
    assert answer["place"].is_between(0, 1).all()


def test_marks_go_on_past_midnight(open_build):
    late = at("2026-03-10 23:50")
    row = session("ann", late, seconds=1200, session_id="s")
    wh = open_build([row])
    answer = users.event_marks(wh, "ann", late.date(), late.date())
    assert answer["place"].to_list() == [0.0, 1.0]
    assert users.event_marks(wh, "ann", date(2026, 3, 11), date(2026, 3, 11)).is_empty()


def test_identities_tell_of_both_sides_by_time(open_build):
    def interval(anonymous, known, start, number=1):
        return {
            "source": "web",
            "anonymous_id": anonymous,
            "interval_number": number,
            "user_id": known,
            "valid_from": start,
        }

    rows = [
        interval("tablet", "ann", NOON + HOUR),
        interval("phone", "ann", NOON),
        interval("phone", "bob", NOON + 2 * HOUR, 2),
        interval("ann", "ann@x", NOON - HOUR),
    ]
    wh = open_build([session("ann")], identities=rows)
    answer = users.identities(wh, "ann")
    assert answer["anonymous_id"].to_list() == ["ann", "phone", "tablet"]
    assert users.identities(wh, "phone")["user_id"].to_list() == ["ann", "bob"]
    assert users.identities(wh, "nobody").is_empty()
    columns = [line.split()[0] for line in COLUMNS["identities"].split(",")]
    assert answer.columns == columns


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


def test_users_of_an_older_build_are_told_without_their_types_of_events(open_build):
    wh = open_build([session("ann", session_id="s0")], lacking=["event_path"])
    assert users.sessions(wh, "ann")["session_id"].to_list() == ["s0"]
    assert users.days(wh, "ann")["session_count"].to_list() == [1]
    assert users.event_types(wh, "ann").is_empty()
    assert users.event_marks(wh, "ann", NOON.date(), NOON.date()).height > 0


def test_event_marks_are_of_the_newest_sessions(open_build):
    rows = [session("ann", NOON - HOUR * at, session_id=f"s{at}") for at in range(3)]
    found = users.event_marks(open_build(rows), "ann", NOON.date(), NOON.date(), limit=2)
    assert set(found["session_id"]) == {"s0", "s1"}
