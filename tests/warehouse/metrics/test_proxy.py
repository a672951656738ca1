"""Tables in place of a tracker: what they find of tracked sessions, and what they stand for."""

from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.errors import ConfigError
from tests.search import some
from tests.warehouse.conftest import opened_builds
from tests.warehouse.small_builds import NOON, event, session
from warehouse import Filters
from warehouse.metrics import proxy

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
LIMIT = 30
LOADS = [
    {"batch_id": "1", "source": "web", "format": "events"},
    {"batch_id": "2", "source": "app", "format": "tables"},
]


def history(*visits):
    """Sessions and events of visits: the user, and (minute, source, event type) of each event."""
    rows, events = [], []
    for number, (user, told) in enumerate(visits):
        name = f"s{number}"
        times = [NOON + MINUTE * minute for minute, _, _ in told]
        length = (times[-1] - times[0]).total_seconds()
        sources = sorted({source for _, source, _ in told})
        rows.append(session(user, times[0], length, session_id=name, sources=sources))
        events += [
            event(name, user, times[at], at + 1, source=source, event_type=kind)
            for at, (_, source, kind) in enumerate(told)
        ]
    return {"sessions": rows, "events": events, "load_runs": LOADS}


def web(*minutes):
    return [(minute, "web", "click") for minute in minutes]


def app(kind, *minutes):
    return [(minute, "app", kind) for minute in minutes]


CASES = {
    "a row within it finds a session, and covers no time": (
        [("ann", [*web(0, 10), *app("post", 12)])],
        [("all", 1, 1, 0, 1.0), ("post", 1, 1, 0, 1.0)],
    ),
    "two rows cover the time between them": (
        [("ann", [*web(0), *app("post", 2, 7), *web(10)])],
        [("all", 1, 1, 0, 0.5), ("post", 1, 1, 0, 0.5)],
    ),
    "rows further apart than the timeout split it": (
        [("ann", [*web(0), *app("post", 1), *web(20), *app("post", 32), *web(40)])],
        [("all", 1, 1, 1, 1.0), ("post", 1, 1, 1, 1.0)],
    ),
    "rows exactly the timeout apart do not": (
        [("ann", [*web(0), *app("post", 1), *web(20), *app("post", 31), *web(40)])],
        [("all", 1, 1, 0, 0.25), ("post", 1, 1, 0, 0.25)],
    ),
    "activities find together what none finds alone": (
        [("ann", [*web(0), *app("post", 1), *app("search", 9), *web(10)])],
        [("all", 1, 1, 0, 0.2), ("post", 1, 1, 0, 1.0), ("search", 1, 1, 0, 1.0)],
    ),
    "a session of a user who leaves no row counts for nobody": (
        [("ann", [*web(0), *app("post", 1)]), ("ben", web(0, 5))],
        [("all", 1, 1, 0, None), ("post", 1, 1, 0, None)],
    ),
    "a session of a known user without a row is missed": (
        [("ann", [*web(0), *app("post", 1)]), ("ann", web(600, 610)), ("ann", app("post", 700))],
        [("all", 2, 1, 0, 1.0), ("post", 2, 1, 0, 1.0)],
    ),
    "rows that bridged a silence leave two tracked sessions": (
        [("ann", [*web(0), *app("post", 20), *web(40, 45)])],
        [("all", 2, 2, 0, 1.0), ("post", 2, 2, 0, 1.0)],
    ),
    "before the first row and after the last nothing is missed": (
        [("ann", web(0, 5)), ("ann", [*web(100), *app("post", 101)]), ("ann", web(200, 205))],
        [("all", 1, 1, 0, None), ("post", 1, 1, 0, None)],
    ),
    "no tables": ([("ann", web(0, 5))], []),
}


@pytest.mark.parametrize("name", CASES)
def test_tables_find_what_lies_within_the_timeout(open_build, name):
    visits, wanted = CASES[name]
    rows = proxy.calibration(open_build(**history(*visits)), Filters()).rows()
    assert [(*row[:4], row[4] if row[4] is None else pytest.approx(row[4])) for row in rows] == (
        wanted
    )


def test_open_sessions_and_those_of_bots_are_left_out(open_build):
    made = history(
        ("ann", [*web(0), *app("post", 1)]),
        ("ann", [*web(100), *app("post", 101)]),
        ("bot", [*web(0), *app("crawl", 1)]),
    )
    made["sessions"][1]["is_open"] = True
    made["sessions"][2]["is_bot"] = True
    wh = open_build(**made)
    assert proxy.calibration(wh, Filters()).rows() == [
        ("all", 1, 1, 0, None),
        ("post", 1, 1, 0, None),
    ]
    assert len(proxy.calibration(wh, Filters(include_bots=True))) == 3


def _cut(times):
    """Times in order, as runs without a silence beyond the limit: (first, last) of each."""
    runs = [[times[0]]] if times else []
    for before, after in pairwise(times):
        if after - before > LIMIT:
            runs.append([])
        runs[-1].append(after)
    return [(run[0], run[-1]) for run in runs]


def naive(events):
    """What calibration answers for events (user, minute, source, kind), by going through them."""
    by_user = defaultdict(list)
    for user, minute, source, kind in events:
        by_user[user].append((minute, source, kind))
    told = {user for user, _, source, _ in events if source == "app"}
    every = [minute for _, minute, source, _ in events if source == "app"]
    if not every:
        return {}
    tracked = [
        (user, first, last)
        for user in told
        for first, last in _cut(sorted(m for m, source, _ in by_user[user] if source == "web"))
        if last >= min(every) - LIMIT and first <= max(every) + LIMIT
    ]
    answer = {}
    for activity in {"all", *(kind for _, _, source, kind in events if source == "app")}:
        found = split = covered = 0
        for user, first, last in tracked:
            rows = sorted(
                minute
                for minute, source, kind in by_user[user]
                if source == "app" and activity in ("all", kind)
            )
            near = [r for r in _cut(rows) if r[0] - last <= LIMIT and first - r[1] <= LIMIT]
            found += bool(near)
            split += len(near) > 1
            covered += sum(max(0, min(last, end) - max(first, begun)) for begun, end in near)
        total = sum(last - first for _, first, last in tracked)
        answer[activity] = (len(tracked), found, split, 1 - covered / total if total else None)
    return answer


EVENT = st.tuples(
    st.sampled_from(["ann", "ben"]),
    st.integers(0, 30).map(lambda n: n * 7),
    st.sampled_from(["web", "web", "app"]),
    st.sampled_from(["post", "search"]),
)


@pytest.mark.long
@settings(max_examples=some(8, of=400), deadline=None)
@given(st.lists(EVENT, min_size=1, max_size=40))
def test_calibration_is_that_of_a_naive_account(tmp_path_factory, events):
    events = sorted(events, key=lambda one: one[1])
    visits = []
    for user in ("ann", "ben"):
        own = [one for one in events if one[0] == user]
        runs = _cut([minute for _, minute, _, _ in own])
        visits += [
            (user, [one[1:] for one in own if first <= one[1] <= last]) for first, last in runs
        ]
    with opened_builds(tmp_path_factory.mktemp("proxy")) as open_build:
        frame = proxy.calibration(open_build(**history(*visits)), Filters())
    got = {row[0]: row[1:] for row in frame.rows()}
    wanted = naive(events)
    assert got.keys() == wanted.keys()
    for activity, (tracked, found, split, missed) in wanted.items():
        assert got[activity][:3] == (tracked, found, split)
        assert got[activity][3] == (missed if missed is None else pytest.approx(missed))


def year(days, tracked_days, seed=7):
    """Some ten visits a day of which a part leaves a row; tracked on the first days alone."""
    rng, visits = Random(seed), []
    for day in range(days):
        for number in range(rng.randint(6, 14)):
            at, user = day * 1440 + number * 40, f"u{number}"
            is_tracked, leaves = day < tracked_days, rng.random() < 0.4
            told = [
                *(web(at, at + 9) if is_tracked else []),
                *(app("post", at + 5) if leaves else []),
            ]
            if told:
                visits.append((user, sorted(told)))
    return history(*visits)


def test_days_without_a_tracker_are_told_by_the_ratio_of_those_with_one(open_build):
    wh = open_build(**year(42, 28), as_of=NOON + 50 * DAY)
    weeks = proxy.periods(wh, Filters())
    known = proxy.periods(wh, Filters(end=(NOON + 27 * DAY).date()), "day")
    ratio = known["tracked_session_count"].sum() / known["proxy_session_count"].sum()
    assert weeks["session_count"].to_list() == pytest.approx(
        [ratio * count for count in weeks["proxy_session_count"]]
    )
    assert weeks.filter("is_proxy_only")["tracked_session_count"].to_list() == [None, None]
    assert (weeks["low"] < weeks["session_count"]).all()
    assert (weeks["session_count"] < weeks["high"]).all()
    # Each week is one of its Monday.
    assert {day.isoweekday() for day in weeks["period_start"]} == {1}


def test_of_few_days_nothing_is_told(open_build):
    wh = open_build(**year(20, 13), as_of=NOON + 50 * DAY)
    assert proxy.periods(wh, Filters())["session_count"].null_count() > 0
    assert proxy.periods(wh, Filters())["session_count"].drop_nulls().is_empty()


def test_without_tables_there_are_no_periods(open_build):
    assert proxy.periods(open_build(**history(("ann", web(0, 5)))), Filters()).is_empty()


def test_another_grain_is_refused(open_build):
    with pytest.raises(ConfigError, match="Unknown grain"):
        proxy.periods(open_build(**history()), Filters(), "fortnight")


def test_days_are_those_of_the_filters(open_build):
    wh = open_build(**year(20, 20), as_of=NOON + 50 * DAY)
    start = date(2026, 3, 16)
    assert proxy.periods(wh, Filters(start=start), "day")["period_start"].min() == start
