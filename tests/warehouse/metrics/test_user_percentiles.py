"""Where a user stands among others, against scipy."""

from datetime import date, timedelta
from statistics import mean, median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import percentileofscore

import warehouse
from tests.search import some
from tests.warehouse.small_builds import NOON, session, write_build
from warehouse.filters import Filters
from warehouse.metrics import users

DAY = timedelta(days=1)
COLUMNS = ["metric", "value", "percentile", "cohort_percentile", "median"]


def some_sessions():
    """Sessions as (user, day, seconds, actions, errors, is open)."""
    return st.lists(
        st.tuples(
            st.integers(0, 7),
            st.integers(0, 3),
            st.sampled_from([0, 0.1, 0.2, 0.3, 5, 29.9, 600, 90_000]),
            st.integers(0, 3),
            st.integers(0, 1),
            st.booleans(),
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
            error_count=errors,
            is_open=is_open,
        )
        for number, (user, day, seconds, actions, errors, is_open) in enumerate(given_rows)
    ]


def measured(rows):
    """All metrics of one user's sessions; those that are not known are None."""
    timed = [row for row in rows if not row["is_suspect"]]
    closed = [row for row in rows if not row["is_open"]]
    lengths = [row["duration_seconds"] for row in timed]
    engaged = [row["engaged_seconds"] for row in timed]
    days = {row[name].date() for row in rows for name in ("start_time", "end_time")}
    return {
        "session_count": len(rows),
        "active_day_count": len(days),
        "engaged_seconds": sum(engaged) if engaged else None,
        "action_count": sum(row["action_count"] for row in rows),
        "error_count": sum(row["error_count"] for row in rows),
        "median_duration_seconds": median(lengths) if lengths else None,
        "avg_duration_seconds": mean(lengths) if lengths else None,
        "avg_engaged_seconds": mean(engaged) if engaged else None,
        "actions_per_session": mean(row["action_count"] for row in rows),
        "bounce_rate": mean(row["is_bounce"] for row in closed) if closed else None,
        "error_rate": mean(row["error_count"] > 0 for row in closed) if closed else None,
    }


def ranked(everybody, user, name):
    """scipy's percentile; values are rounded, as its own sums have no fixed order."""
    value = everybody[user][name]
    if value is None:
        return None
    known = [round(each[name], 9) for each in everybody.values() if each[name] is not None]
    return percentileofscore(known, round(value, 9), kind="mean")


def middle(everybody, name):
    """The median of all of whom the value is known."""
    known = [each[name] for each in everybody.values() if each[name] is not None]
    return median(known) if known else None


@given(some_sessions())
@settings(max_examples=some(6, of=200), deadline=None)
def test_percentiles_are_those_of_scipy(tmp_path_factory, given_rows):
    rows = rows_of(given_rows)
    names = sorted({row["user_id"] for row in rows})
    # Users with an even number are of March, the others of April; of one it is not known.
    first = {name: date(2026, 3 + int(name[1]) % 2, 1) for name in names if name != "u7"}
    home = tmp_path_factory.mktemp("home")
    write_build(
        home, rows, users=[{"user_id": name, "first_date": day} for name, day in first.items()]
    )
    everybody = {name: measured([row for row in rows if row["user_id"] == name]) for name in names}
    with warehouse.open(home) as wh:
        for user in names:
            cohort = {
                name: everybody[name]
                for name in names
                if user in first and first.get(name) == first[user]
            }
            answer = users.percentiles(wh, Filters(), user)
            assert answer.columns == COLUMNS
            assert answer["metric"].to_list() == list(everybody[user])
            for metric, *told in answer.iter_rows():
                expected = [
                    everybody[user][metric],
                    ranked(everybody, user, metric),
                    ranked(cohort, user, metric) if cohort else None,
                    middle(everybody, metric),
                ]
                assert told == pytest.approx(expected), (user, metric)


@pytest.fixture(scope="module")
def four(open_shared_build):
    """Three users and a bot, each with as many sessions as the name is long."""
    rows = [
        session(name, NOON + at * DAY, is_bot=name == "robot", seconds=10 * len(name))
        for name in ("a", "bb", "ccc", "robot")
        for at in range(len(name))
    ]
    return open_shared_build(
        rows, users=[{"user_id": name, "first_date": NOON.date()} for name in ("a", "bb", "ccc")]
    )


def of(answer, metric):
    return answer.filter(answer["metric"] == metric).row(0)[1:]


def test_a_percentile_is_of_the_users_with_a_session_of_the_filters(four):
    assert of(users.percentiles(four, Filters(), "bb"), "session_count") == (2, 50, 50, 2)
    # On the third day there is one alone, and the middle of one is one half.
    third = Filters(start=(NOON + 2 * DAY).date(), end=(NOON + 2 * DAY).date())
    assert of(users.percentiles(four, third, "ccc"), "session_count") == (1, 50, 50, 1)
    assert users.percentiles(four, third, "bb").is_empty()


def test_a_bot_stands_among_others_only_with_bots(four):
    assert users.percentiles(four, Filters(), "robot").is_empty()
    answer = users.percentiles(four, Filters(include_bots=True), "robot")
    # Of no cohort: it is not known when it came first.
    assert of(answer, "session_count") == (5, 87.5, None, 2.5)


def test_an_unknown_user_stands_nowhere(four):
    answer = users.percentiles(four, Filters(), "nobody")
    assert answer.is_empty()
    assert answer.columns == COLUMNS
