"""Where a segment, or one user, stands among all users: against scipy."""

from datetime import timedelta
from statistics import mean, median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import percentileofscore

import warehouse
from tests.search import some
from tests.warehouse.small_builds import NOON, session, write_build
from warehouse.filters import Filters
from warehouse.metrics import platform, users

DAY = timedelta(days=1)
COLUMNS = ["metric", "value", "platform_median", "percentile", "user_count", "platform_user_count"]
MOBILE = {"device_type": "mobile"}


def some_sessions():
    """Sessions as (user, day, seconds, actions, queries, errors, is open, is mobile)."""
    return st.lists(
        st.tuples(
            st.integers(0, 6),
            st.integers(0, 3),
            st.sampled_from([0, 0.1, 0.2, 0.3, 5, 29.9, 600, 90_000]),
            *(st.integers(0, 3), st.integers(0, 2), st.integers(0, 1)),
            *(st.booleans(), st.booleans()),
        ),
        min_size=1,
        max_size=30,
    )


def rows_of(given_rows):
    return [
        session(
            f"u{user}",
            NOON + day * DAY + timedelta(microseconds=number),
            seconds=seconds,
            action_count=actions,
            query_count=queries,
            error_count=errors,
            is_open=is_open,
            is_abandoned=None if is_open else queries < 2,
            device_type="mobile" if is_mobile else "desktop",
        )
        for number, (user, day, seconds, actions, queries, errors, is_open, is_mobile) in enumerate(
            given_rows
        )
    ]


def mean_of(values):
    return mean(values) if values else None


def measured(rows):
    """All metrics of one user's sessions; those that are not known are None."""
    timed = [row for row in rows if not row["is_suspect"]]
    closed = [row for row in rows if not row["is_open"]]
    lengths = [row["duration_seconds"] for row in timed]
    return {
        "session_count": len(rows),
        "query_count": sum(row["query_count"] for row in rows),
        "median_duration_seconds": median(lengths) if lengths else None,
        "avg_duration_seconds": mean_of(lengths),
        "avg_engaged_seconds": mean_of([row["engaged_seconds"] for row in timed]),
        "actions_per_session": mean_of([row["action_count"] for row in rows]),
        "queries_per_session": mean_of([row["query_count"] for row in rows]),
        "bounce_rate": mean_of([row["is_bounce"] for row in closed]),
        "error_rate": mean_of([row["error_count"] > 0 for row in closed]),
        "abandonment_rate": mean_of([row["is_abandoned"] for row in closed]),
    }


def known(each, metric):
    """The values of a metric, by user; rounded, as sums in Python have no fixed order."""
    values = {user: told[metric] for user, told in each.items() if told[metric] is not None}
    return {user: round(float(value), 9) for user, value in values.items()}


def expected(everybody, chosen, metric):
    """Value, median, percentile and both numbers of users, as scipy has them."""
    all_values, own = known(everybody, metric), known(chosen, metric)
    middle = median(all_values.values()) if all_values else None
    if not own:
        return None, middle, None, 0, len(all_values)
    places = [
        percentileofscore(list(all_values.values()), value, kind="mean") for value in own.values()
    ]
    return median(own.values()), middle, mean(places), len(own), len(all_values)


def by_user(rows):
    return {
        user: measured([row for row in rows if row["user_id"] == user])
        for user in {row["user_id"] for row in rows}
    }


@given(some_sessions())
@settings(max_examples=some(6, of=200), deadline=None)
def test_a_segment_and_a_user_stand_where_scipy_says(tmp_path_factory, given_rows):
    rows = rows_of(given_rows)
    home = tmp_path_factory.mktemp("home")
    write_build(home, rows)
    everybody = by_user(rows)
    chosen = by_user([row for row in rows if row["device_type"] == "mobile"])
    with warehouse.open(home) as wh:
        for answer, own in (
            (platform.standing(wh, Filters(where=MOBILE)), chosen),
            (
                platform.standing(wh, Filters(), "u3"),
                {name: each for name, each in everybody.items() if name == "u3"},
            ),
        ):
            assert answer.columns == COLUMNS
            assert set(answer["metric"]) == set(measured([]))
            for metric, *told in answer.iter_rows():
                assert told == pytest.approx(expected(everybody, own, metric)), metric


@pytest.fixture(scope="module")
def wh(open_shared_build):
    """Users with 1 to 5 sessions, on as many days; those of even number with mobiles."""
    return open_shared_build(
        [
            session(
                f"u{user}",
                NOON + day * DAY,
                seconds=10 * user,
                device_type="mobile" if user % 2 == 0 else "desktop",
                is_bot=user == 5,
                session_type="chat" if day == 0 else None,
            )
            for user in range(1, 6)
            for day in range(user)
        ],
        users=[{"user_id": f"u{user}", "session_count": user} for user in range(1, 6)],
    )


def of(answer, metric="session_count"):
    return answer.filter(answer["metric"] == metric).row(0)[1:]


@pytest.mark.parametrize("filters", [Filters(), Filters(include_bots=True)])
def test_all_users_together_are_in_the_middle(wh, filters):
    answer = platform.standing(wh, filters)
    told = answer.filter(answer["user_count"] > 0)
    assert told.height
    assert told["percentile"].to_list() == pytest.approx([50] * told.height)
    assert told["value"].equals(told["platform_median"])


# Case → filters, the user, and value, median, percentile of sessions a user.
CASES = {
    "mobiles, 2 and 4 of 1 to 4": ({"where": MOBILE}, None, (3, 2.5, 62.5)),
    "the same as a segment": ({"segments": [MOBILE]}, None, (3, 2.5, 62.5)),
    "a user": ({}, "u4", (4, 2.5, 87.5)),
    "a user among those of the filters": ({"where": MOBILE}, "u4", (4, 3, 75)),
    "a bot, with bots": ({"include_bots": True}, "u5", (5, 3, 90)),
    "a bot, without": ({}, "u5", (None, 2.5, None)),
    "a period in which one has come": (
        *({"start": (NOON + 3 * DAY).date(), "where": MOBILE}, None),
        (1, 1, 50),
    ),
    "what nobody has": ({"where": {"browser": "Lynx"}}, None, (None, 2.5, None)),
    "what is looked up of users": ({"where": {"user_session_count": ">= 3"}}, None, (3.5, 2.5, 75)),
}


@pytest.mark.parametrize("case", CASES)
def test_a_segment_stands_among_all_of_its_period(wh, case):
    choices, user, wanted = CASES[case]
    assert of(platform.standing(wh, Filters(**choices), user))[:3] == pytest.approx(wanted)


def test_a_user_stands_where_percentiles_say(wh):
    told = users.percentiles(wh, Filters(), "u3")
    answer = platform.standing(wh, Filters(), "u3")
    both = told.join(answer, on="metric", how="inner")
    assert both.height >= 6
    assert both["percentile"].equals(both["percentile_right"])
    assert both["median"].equals(both["platform_median"])


def test_a_period_without_sessions_tells_nothing(wh):
    day = (NOON - DAY).date()
    answer = platform.standing(wh, Filters(day, day, where=MOBILE))
    assert answer.is_empty()
    assert answer.columns == COLUMNS
