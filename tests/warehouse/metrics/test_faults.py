"""Outages, against the same rule in plain Python, and the feeds that never have any."""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from math import sqrt
from statistics import median

import duckdb
import pytest

from tests.warehouse.feeds import write_feeds
from tests.warehouse.small_builds import at, write_build
from warehouse import connection
from warehouse.filters import Filters
from warehouse.metrics import health

FIRST = date(2026, 1, 5)  # A Monday.
DAYS = 120
AS_OF = datetime(2026, 1, 5, 12, tzinfo=UTC).replace(tzinfo=None) + timedelta(days=DAYS - 1)


def usual(day):
    """Sessions of a plain product: fewer at weekends."""
    return 120 if day.weekday() < 5 else 40


def feed(changed=None, of=usual, first=0, last=DAYS):
    """Day → sessions, with some days changed, given by their number."""
    days = {FIRST + timedelta(days=n): of(FIRST + timedelta(days=n)) for n in range(first, last)}
    return days | {FIRST + timedelta(days=n): count for n, count in (changed or {}).items()}


@pytest.fixture
def faults_of(tmp_path):
    """Writes a build of so many sessions a day and source, and asks for its faults."""

    def ask(feeds, loads=(), bots=0):
        write_feeds(tmp_path, feeds, AS_OF, loads, bots)
        with connection.open(tmp_path) as wh:
            return health.faults(wh)

    return ask


def day(number):
    return FIRST + timedelta(days=number)


def spans(frame):
    return frame.select("source", "first_date", "last_date").rows()


MONDAY = 63
# Case → the days that are changed, and those that are then told; each is a source of one build.
CASES = {
    "surely under a quarter, which varies by 5": ({MONDAY: 24}, [(63, 63)]),
    "a quarter by chance": ({MONDAY: 25}, []),
    "nothing at all": ({MONDAY: 0}, [(63, 63)]),
    "a run of days": ({63: 0, 64: 5, 65: 24}, [(63, 65)]),
    "two days with one between": ({63: 0, 65: 0}, [(63, 63), (65, 65)]),
    "two weeks": ({n: 0 for n in range(63, 77)}, [(63, 76)]),
    "a Saturday against Saturdays": ({68: 6}, [(68, 68)]),
    "a Saturday that would be low for a Friday": ({68: 7}, []),
    "within the first four weeks": ({28: 0}, []),
    "with four such weekdays before it": ({29: 0}, [(29, 29)]),
    "the first day": ({0: 1}, []),
    "the running day": ({DAYS - 1: 0}, []),
    "the day before": ({DAYS - 2: 0}, [(118, 118)]),
    "a week up to now": ({n: 0 for n in range(112, 120)}, [(112, 118)]),
    "a lasting fall": ({n: 12 for n in range(70, 120)}, []),
}
# Feeds in which no day is usual yet, or any more.
UNUSUAL = {
    "a sparse one": feed({63: 0}, lambda _: 19),
    "a young one": feed({24: 0}, first=20, last=40),
    "one that doubles": feed(of=lambda d: int(10 * 2 ** ((d - FIRST).days / 14))),
    "one that ended": feed(last=60),
    "none": {},
}


@pytest.fixture(scope="module")
def faults_of_cases(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cases")
    feeds = {case: feed(changed) for case, (changed, _) in CASES.items()}
    write_feeds(folder, feeds | UNUSUAL, AS_OF)
    with connection.open(folder) as wh:
        return health.faults(wh)


@pytest.mark.parametrize("case", CASES | UNUSUAL)
def test_a_day_is_out_when_it_is_surely_under_a_quarter_of_its_weekday(faults_of_cases, case):
    frame = faults_of_cases.filter(faults_of_cases["source"] == case)
    wanted = CASES.get(case, ({}, []))[1]
    assert spans(frame) == [(case, day(first), day(last)) for first, last in wanted]


def test_evidence_is_in_words(faults_of):
    frame = faults_of({"web": feed({63: 1, 70: 7, 71: 2}), "app": feed({64: 1}, lambda _: 1500)})
    assert frame.rows() == [
        ("outage", "web", day(63), day(63), "1 session where a Monday has 120"),
        ("outage", "app", day(64), day(64), "1 session where a Tuesday has 1,500"),
        ("outage", "web", day(70), day(71), "9 sessions where these 2 days have 240"),
    ]


def test_the_least_sessions_of_a_usual_day_are_twenty(faults_of):
    assert spans(faults_of({"web": feed({63: 0}, lambda _: 20)})) == [("web", day(63), day(63))]


def test_days_that_the_last_load_came_too_early_for_are_not_judged(faults_of):
    quiet = feed(dict.fromkeys(range(112, 120), 0))
    loads = [
        {"source": "web", "file": file, "status": status, "loaded_at": at(f"2026-{day} 06:00")}
        for file, status, day in (("a", "loaded", "04-28"), ("b", "failed", "05-02"))
    ]
    assert faults_of({"web": quiet}, loads)["last_date"].to_list() == [date(2026, 4, 27)]


def test_bots_do_not_hide_an_outage(faults_of):
    assert spans(faults_of({"web": feed({63: 0})}, bots=50)) == [("web", day(63), day(63))]


def test_a_day_that_is_quiet_every_year_is_a_holiday(tmp_path):
    years = [FIRST + timedelta(days=n) for n in range(730)]
    quiet, once = (date(2026, 12, 25), date(2027, 12, 25)), date(2027, 11, 5)
    plain = dict.fromkeys(years, 40) | {once: 4}
    feeds = {"web": plain | dict.fromkeys(quiet, 4)}
    # Two that grew: of so many sessions a day 9 came on the date of the year before.
    for count in (19, 20):
        before = dict.fromkeys([one for one in years if one.year == 2026], count)
        feeds[f"of {count}"] = plain | before | {once.replace(year=2026): 9}
    write_feeds(tmp_path, feeds, AS_OF + timedelta(days=605))
    with connection.open(tmp_path) as wh:
        assert spans(health.faults(wh)) == [("of 19", once, once), ("web", once, once)]


def load_of(file, loaded, first, last, read=1000):
    times = {"first_event_time": first, "last_event_time": last, "loaded_at": loaded}
    stamps = {name: at(text) for name, text in times.items()}
    return {"source": "web", "file": file, "status": "loaded", "rows_read": read, **stamps}


def test_dates_in_the_future_are_those_of_files_that_have_some(tmp_path):
    loads = [
        load_of("logs/ahead.csv", "2026-03-01 20:00", "2026-03-01 09:00", "2026-03-02 07:30"),
        load_of("near.csv", "2026-03-02 20:00", "2026-03-02 09:00", "2026-03-02 20:59"),
        load_of("wild.csv", "2026-03-05 00:00", "2026-03-03 09:00", "2026-03-04 23:00"),
        load_of("typo.csv", "2026-03-06 00:00", "2026-03-05 09:00", "2026-03-05 23:00"),
        load_of("large.csv", "2026-03-07 00:00", "2026-03-06 09:00", "2026-03-06 23:00", 9000),
        # 12 minutes, and 100, over the hour that clocks of Berlin skip, and that they repeat.
        load_of("spring.csv", "2026-03-29 00:50", "2026-03-28 09:00", "2026-03-29 01:02"),
        load_of("autumn.csv", "2025-10-26 00:30", "2025-10-25 09:00", "2025-10-26 02:10"),
        # Files that grew.
        load_of("log", "2026-04-01 08:00", "2026-04-01 07:00", "2026-04-01 10:00"),
        load_of("log", "2026-04-01 12:00", "2026-04-01 11:00", "2026-04-01 15:00"),
        load_of("log", "2026-04-02 08:00", "2026-04-01 15:00", "2026-04-02 10:00"),
        load_of("log", "2026-04-04 08:00", "2026-04-04 07:00", "2026-04-04 10:00"),
        load_of("grown.csv", "2026-04-06 00:00", "2026-04-05 09:00", "2026-04-05 18:00"),
        load_of("grown.csv", "2026-04-07 00:00", "2026-04-06 09:00", "2026-04-06 18:00"),
    ]
    counts = {"wild.csv": 20, "typo.csv": 19, "large.csv": 89, "grown.csv": 30}
    rejected = [
        {"source": "web", "file": file, "reason": "time over 24 h ahead", "row_count": count}
        for file, count in counts.items()
    ]
    zone = "Europe/Berlin"
    tables = {"load_runs": loads, "rejected_summary": rejected}
    write_build(tmp_path, [], as_of=AS_OF, time_zone=zone, **tables)
    ahead, refused = (
        "{} has events up to {} h ahead of its load",
        "{} rows of {} are over 24 h ahead of their load and were rejected",
    )
    with connection.open(tmp_path) as wh:
        assert health.faults(wh).drop("kind", "source").rows() == [
            (date(2025, 10, 26), date(2025, 10, 26), ahead.format("autumn.csv", 2)),
            (date(2026, 3, 1), date(2026, 3, 2), ahead.format("ahead.csv", 12)),
            (date(2026, 3, 3), date(2026, 3, 5), refused.format(20, "wild.csv")),
            (date(2026, 4, 1), date(2026, 4, 2), ahead.format("log", 3)),
            (date(2026, 4, 4), date(2026, 4, 4), ahead.format("log", 2)),
            (date(2026, 4, 5), date(2026, 4, 6), refused.format(30, "grown.csv")),
        ]
        assert set(health.faults(wh).select("kind", "source").rows()) == {("future_dates", "web")}


def test_an_export_that_came_twice_is_told_where_exports_do_not_overlap(tmp_path):
    def loads(source, *repeated):
        for n, told in enumerate(repeated):
            yield {
                **{"source": source, "file": f"in/{source}-{n}", "status": "loaded"},
                **{"rows_loaded": 80, "repeated": list(told)},
                "first_event_time": at(f"2026-03-0{n + 1} 09:00"),
                "last_event_time": at(f"2026-03-0{n + 1} 17:00"),
            }

    runs = [
        # Each of five days has 80 rows, and a quarter of them is much.
        *loads("web", (), (), ("2026-02-27/2026-02-27=20", "2026-03-01/2026-03-02=39"), (), ()),
        *loads("sliding", (), *[(f"2026-03-0{n}/2026-03-0{n + 2}=240",) for n in range(1, 5)]),
        *loads("young", (), (), ("2026-03-01/2026-03-01=80",)),
    ]
    write_build(tmp_path, [], as_of=AS_OF, load_runs=runs)
    with connection.open(tmp_path) as wh:
        assert health.faults(wh).rows() == [
            (
                *("duplicate_storm", "web", date(2026, 2, 27), date(2026, 2, 27)),
                "20 rows of web-2 were there before and were dropped",
            )
        ]


def test_no_period_begins_before_a_prune(faults_of, tmp_path):
    faults_of({"web": feed({63: 0})})
    with connection.open(tmp_path) as wh:
        for pruned, first in ((None, 0), (day(20), 20)):
            wh.pruned_before = pruned
            frame = health.effect(wh, Filters(end=day(63)))
            assert frame["period_start"].to_list() == [day(first)]
            assert frame["day_count"].to_list() == [64 - first]


def test_a_build_of_before_has_no_faults(tmp_path):
    path = write_build(tmp_path, [], as_of=AS_OF)
    with duckdb.connect(path) as con:
        con.execute("drop table source_days")
    with connection.open(tmp_path) as wh:
        frame = health.faults(wh)
    assert frame.columns == ["kind", "source", "first_date", "last_date", "evidence"]
    assert frame.is_empty()


def naive(days):
    """The rule as docs/definitions.md has it, day by day."""
    first, out = min(days), []
    judged = [day(n) for n in range(DAYS - 1) if day(n) > first]

    def counts(of, weeks):
        there = (of + timedelta(weeks=n) for n in weeks)
        return [days.get(other, 0) for other in there if other in judged]

    for one in judged:
        before, after = counts(one, range(-8, 0)), counts(one, range(1, 9))
        if len(before) >= 4:
            expected = min(median(before), median(after if len(after) >= 4 else before[-4:]))
            if expected >= 20 and days.get(one, 0) < expected / 4 - sqrt(expected / 4):
                out.append(one)
    return out


def test_random_feeds_have_the_outages_of_the_rule(faults_of):
    rng = random.Random(20)
    feeds = {}
    for source in (f"source {n:02}" for n in range(12)):
        level, begin = rng.choice((15, 40, 90)), rng.randrange(30)
        days = feed(of=lambda d, level=level: rng.randrange(2 * level), first=begin)
        for _ in range(4):
            at, long = rng.randrange(begin, DAYS), rng.randrange(1, 20)
            low = rng.choice((0, 0, 2, level // 5))
            days |= {day(n): low for n in range(at, min(at + long, DAYS))}
        feeds[source] = {one: count for one, count in days.items() if count}
    frame = faults_of(feeds)
    told = Counter(
        (row["source"], row["first_date"] + timedelta(days=n))
        for row in frame.iter_rows(named=True)
        for n in range((row["last_date"] - row["first_date"]).days + 1)
    )
    wanted = Counter((source, one) for source, days in feeds.items() for one in naive(days))
    assert told == wanted
    assert len({source for source, _ in wanted}) > 3
