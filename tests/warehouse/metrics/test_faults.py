"""Outages, against the same rule in plain Python, and the feeds that never have any."""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from statistics import median

import pytest

from tests.warehouse.feeds import write_feeds
from warehouse import connection
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


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        pytest.param({MONDAY: 29}, [(63, 63)], id="just under a quarter"),
        pytest.param({MONDAY: 30}, [], id="exactly a quarter"),
        pytest.param({MONDAY: 0}, [(63, 63)], id="nothing at all"),
        pytest.param({63: 0, 64: 5, 65: 29}, [(63, 65)], id="a run of days"),
        pytest.param({63: 0, 65: 0}, [(63, 63), (65, 65)], id="two days with one between"),
        pytest.param({n: 0 for n in range(63, 77)}, [(63, 76)], id="two weeks"),
        pytest.param({68: 9}, [(68, 68)], id="a Saturday against Saturdays"),
        pytest.param({68: 11}, [], id="a Saturday that would be low for a Friday"),
        pytest.param({28: 0}, [], id="within the first four weeks"),
        pytest.param({29: 0}, [(29, 29)], id="with four such weekdays before it"),
        pytest.param({0: 1}, [], id="the first day"),
        pytest.param({DAYS - 1: 0}, [], id="the running day"),
        pytest.param({DAYS - 2: 0}, [(118, 118)], id="the day before"),
        pytest.param({n: 0 for n in range(112, 120)}, [(112, 118)], id="a week up to now"),
        pytest.param({n: 12 for n in range(70, 120)}, [], id="a lasting fall"),
    ],
)
def test_a_day_is_out_when_it_is_under_a_quarter_of_its_weekday(faults_of, changed, wanted):
    frame = faults_of({"web": feed(changed)})
    assert spans(frame) == [("web", day(first), day(last)) for first, last in wanted]


def test_evidence_is_in_words(faults_of):
    frame = faults_of({"web": feed({63: 1, 70: 7, 71: 2}), "app": feed({64: 1}, lambda _: 1500)})
    assert frame.rows() == [
        ("outage", "web", day(63), day(63), "1 session where a Monday has 120"),
        ("outage", "app", day(64), day(64), "1 session where a Tuesday has 1,500"),
        ("outage", "web", day(70), day(71), "9 sessions where these 2 days have 240"),
    ]


@pytest.mark.parametrize(
    "days",
    [
        pytest.param(feed({63: 0}, lambda _: 19), id="a sparse one"),
        pytest.param(feed({24: 0}, first=20, last=40), id="a young one"),
        pytest.param(
            feed(of=lambda d: int(10 * 2 ** ((d - FIRST).days / 14))), id="one that doubles"
        ),
        pytest.param(feed(last=60), id="one that ended"),
        pytest.param({}, id="none"),
    ],
)
def test_a_feed_without_a_usual_day_has_no_outage(faults_of, days):
    assert faults_of({"web": days}).is_empty()


def test_the_least_sessions_of_a_usual_day_are_twenty(faults_of):
    assert spans(faults_of({"web": feed({63: 0}, lambda _: 20)})) == [("web", day(63), day(63))]


def test_days_that_the_last_load_came_too_early_for_are_not_judged(faults_of):
    quiet = feed(dict.fromkeys(range(112, 120), 0))
    load = {"batch_id": "1", "source": "web", "file": "a", "loaded_at": datetime(2026, 4, 28, 6)}  # noqa: DTZ001
    assert faults_of({"web": quiet}, [load])["last_date"].to_list() == [date(2026, 4, 27)]


def test_bots_do_not_hide_an_outage(faults_of):
    assert spans(faults_of({"web": feed({63: 0})}, bots=50)) == [("web", day(63), day(63))]


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
            if expected >= 20 and days.get(one, 0) < expected / 4:
                out.append(one)
    return out


@pytest.mark.parametrize("seed", range(4))
def test_random_feeds_have_the_outages_of_the_rule(faults_of, seed):
    rng = random.Random(seed + 20)
    feeds = {}
    for source in ("app", "chat", "web"):
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
    assert wanted
