from datetime import date, timedelta

import pytest

from etl.errors import ConfigError
from tests.warehouse.small_builds import NOON, at, event, session
from warehouse import Filters, SessionAnalytics

DAY = timedelta(days=1)


def stats(wh, **choices):
    return SessionAnalytics(wh).get_session_stats(**choices)


def test_the_object_of_a_small_month_is_the_one_worked_out_by_hand(open_build):
    rows = [
        session("ann", session_id="a", seconds=100, query_count=3, session_type="chat",
                assets=["MSFT", "AAPL"], tags=["beta", "beta"], is_abandoned=False),
        session("ann", NOON - DAY, session_id="b", seconds=300, query_count=1,
                session_type="chat", assets=["AAPL"], tags=["vip"], is_abandoned=True),
        session("bob", session_id="c", seconds=200, session_type=None, is_open=True,
                is_abandoned=False),
        session("bot", session_id="d", is_bot=True, query_count=9, tags=["bot"]),
    ]  # fmt: skip
    types = [("a", "search"), ("a", "compare"), ("a", "search"), ("b", None)]
    events = [
        event(session_id, "ann", NOON, number, is_query=True, query_type=query_type)
        for number, (session_id, query_type) in enumerate(types)
    ]
    events += [event("d", "bot", NOON, 1, is_query=True, query_type="robotic")]
    answer = stats(open_build(rows, events=events, as_of=NOON + timedelta(minutes=4)))
    assert answer == {
        "status": "success",
        "total_sessions": 3,
        "active_sessions": 1,
        "archived_sessions": 2,
        "total_queries": 4,
        "avg_duration_seconds": 200.0,
        "avg_queries_per_session": pytest.approx(4 / 3),
        "abandonment_rate": 0.5,
        "period_days": 30,
        "user_id": None,
        "session_type": None,
        "top_assets": [{"symbol": "AAPL", "count": 2}, {"symbol": "MSFT", "count": 1}],
        "query_type_distribution": {"search": 2, "compare": 1},
        "session_type_breakdown": {"chat": 2},
        "popular_tags": [{"tag": "beta", "count": 1}, {"tag": "vip", "count": 1}],
    }


def test_the_period_counts_back_from_as_of_and_takes_its_very_edge(open_build):
    edge = NOON - 7 * DAY
    rows = [
        session("in", edge),
        session("out", edge - timedelta(microseconds=1)),
        session("now", NOON, seconds=0),
    ]
    wh = open_build(rows)
    assert stats(wh, days=7)["total_sessions"] == 2
    assert stats(wh, days=8)["total_sessions"] == 3
    assert stats(wh, days=7)["period_days"] == 7


def test_top_lists_hold_ten_and_break_ties_by_alphabet(open_build):
    letters = "lkjihgfedcba"
    wh = open_build([session("ann", assets=list(letters), tags=[*letters])])
    answer = stats(wh)
    assert [entry["symbol"] for entry in answer["top_assets"]] == list("abcdefghij")
    assert [entry["tag"] for entry in answer["popular_tags"]] == list("abcdefghij")


def test_distributions_hold_every_type(open_build):
    rows = [session(f"u{n}", session_type=f"type {n:02}") for n in range(12)]
    assert len(stats(open_build(rows))["session_type_breakdown"]) == 12


def test_user_and_type_choose_sessions(open_build):
    wh = open_build(
        [
            session("ann", session_id="1", session_type="chat"),
            session("ann", session_id="2", session_type="search"),
            session("bob", session_id="3", session_type="chat"),
        ]
    )
    assert stats(wh, user_id="ann")["total_sessions"] == 2
    assert stats(wh, session_type="chat")["total_sessions"] == 2
    both = stats(wh, user_id="ann", session_type="chat")
    assert (both["total_sessions"], both["user_id"], both["session_type"]) == (
        1,
        "ann",
        "chat",
    )


@pytest.mark.parametrize(
    ("choices", "hint"),
    [
        ({"user_id": "nobody"}, "of user 'nobody' in the last 30 days. Check the spelling"),
        ({"session_type": "x", "days": 1}, "of type 'x' in the last 1 days"),
    ],
)
def test_an_unknown_user_or_type_is_no_error_but_zeros_and_a_hint(open_build, choices, hint):
    answer = stats(open_build([session("ann")]), **choices)
    message = answer.pop("message")
    assert hint in message
    assert answer["status"] == "success"
    for name in ("total_sessions", "active_sessions", "archived_sessions", "total_queries"):
        assert answer[name] == 0
    rates = ("avg_duration_seconds", "avg_queries_per_session", "abandonment_rate")
    assert [answer[name] for name in rates] == [0.0] * 3
    assert all(isinstance(answer[name], float) for name in rates)
    assert answer["top_assets"] == answer["popular_tags"] == []
    assert answer["query_type_distribution"] == answer["session_type_breakdown"] == {}


def test_an_empty_warehouse_says_what_to_run(open_build):
    assert "dwell load" in stats(open_build([]))["message"]


def test_sessions_bring_no_message(open_build):
    assert "message" not in stats(open_build([session("ann")]))


def test_a_rate_without_closed_sessions_is_zero_here(open_build):
    answer = stats(open_build([session("ann", is_open=True, seconds=90_000)]))
    assert answer["abandonment_rate"] == 0.0
    assert answer["avg_duration_seconds"] == 0.0


def test_a_period_of_no_days_is_refused(open_build):
    with pytest.raises(ConfigError, match="0 days"):
        stats(open_build([]), days=0)


# Two users of chats and one without, the first with two sessions; all within the month.
BESIDE = [
    session("ann", seconds=100, query_count=3, session_type="chat", is_abandoned=False),
    session("ann", NOON - DAY, seconds=300, query_count=1, is_abandoned=True),
    session("bob", seconds=40, query_count=2, session_type="chat", is_abandoned=False),
    session("cid", seconds=60, query_count=0, is_abandoned=True),
    session("old", NOON - 40 * DAY, seconds=900, query_count=9, is_abandoned=False),
]
# Case → choices, and of each metric the value, the platform's median and the percentile.
BENCHMARKS = {
    "a user": (
        {"user_id": "ann"},
        {
            "total_sessions": (2, 1, 250 / 3),
            "total_queries": (4, 2, 250 / 3),
            "avg_duration_seconds": (200, 60, 250 / 3),
            "avg_queries_per_session": (2, 2, 200 / 3),
            "abandonment_rate": (0.5, 0.5, 50),
        },
    ),
    "a type": (
        {"session_type": "chat"},
        {
            "total_sessions": (1, 1, 100 / 3),
            # Of ann's 3 it is 2.5 of 3 that have less; and bob's 2 are in the middle.
            "total_queries": (2.5, 2, (200 / 3 + 50) / 2),
            "avg_duration_seconds": (70, 60, (200 / 3 + 50 / 3) / 2),
            "avg_queries_per_session": (2.5, 2, (100 + 200 / 3) / 2),
            "abandonment_rate": (0, 0.5, 50 / 3),
        },
    ),
}


@pytest.mark.parametrize("case", BENCHMARKS)
def test_a_benchmark_tells_where_it_stands_among_all_of_the_days(open_build, case):
    choices, wanted = BENCHMARKS[case]
    wh = open_build(BESIDE)
    answer = stats(wh, benchmark=True, **choices)
    told = {name: tuple(each.values()) for name, each in answer["benchmark"].items()}
    assert told == {name: pytest.approx(values) for name, values in wanted.items()}
    assert {name: each for name, each in answer.items() if name != "benchmark"} == stats(
        wh, **choices
    )


def test_a_benchmark_of_a_segment_is_that_of_its_conditions(open_build):
    wh = open_build(BESIDE)
    as_type = stats(wh, benchmark=True, session_type="chat")
    as_filters = stats(wh, benchmark=True, filters=Filters(where={"session_type": "chat"}))
    assert as_filters["benchmark"] == as_type["benchmark"]


def test_a_benchmark_of_nobody_and_of_all_says_so(open_build):
    wh = open_build(BESIDE)
    nobody = stats(wh, user_id="nobody", benchmark=True)
    assert nobody["message"] == stats(wh, user_id="nobody")["message"]
    assert nobody["benchmark"]["total_queries"] == {
        **{"value": None, "platform_median": 2, "percentile": None},
    }
    everybody = stats(wh, benchmark=True)
    assert "Nothing is chosen to compare with all" in everybody["message"]
    assert {value for each in everybody["benchmark"].values() for value in each.values()} == {None}
    empty = stats(open_build([]), user_id="ann", benchmark=True)
    assert empty["benchmark"]["total_sessions"]["platform_median"] is None


def test_the_statistics_of_local_days_are_of_the_sessions_that_began_on_them(open_build):
    # In New York the 8th of March 2026 had 23 hours: it ended at 04:00 UTC.
    new_york = {"time_zone": "America/New_York"}
    times = ["2026-03-08 04:59", "2026-03-08 05:00", "2026-03-09 03:59", "2026-03-09 04:00"]
    rows = [
        session("ann", at(time), session_id=time, query_count=number)
        for number, time in enumerate(times)
    ]
    wh = open_build([*rows, session("bob", at(times[1]))], **new_york)
    day = date(2026, 3, 8)
    told = SessionAnalytics(wh).of_days("ann", day, day, Filters())
    assert (told["total_sessions"], told["total_queries"], told["period_days"]) == (2, 3, 1)
    assert SessionAnalytics(wh).of_days(None, day, day, Filters())["total_sessions"] == 3
    nobody = SessionAnalytics(wh).of_days("cy", day, day, Filters())
    assert (nobody["total_sessions"], nobody["abandonment_rate"]) == (0, 0.0)
    assert nobody.keys() == stats(wh).keys()
