"""Ten clean years of a product that grows, rests at weekends and on holidays: no false alarms."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.warehouse.small_builds import write_build
from warehouse import connection
from warehouse.metrics import health

YEARS = 10
FIRST = date(2025, 1, 1)
DAYS = 365
# Mornings and evenings; at weekends people come later.
HOURS = [2, 1, 1, 1, 1, 2, 4, 7, 9, 9, 8, 7, 6, 7, 8, 7, 6, 5, 5, 5, 5, 4, 3, 2]
LATE = [*HOURS[-2:], *HOURS[:-2]]
HOLIDAYS = {(1, 1), (4, 18), (4, 21), (5, 1), (5, 29), (10, 3), (12, 24), (12, 25), (12, 26)}


def drawn(rng, mean):
    """About so many, by chance and by the day: a little more spread than a Poisson's."""
    return max(round(rng.gauss(mean, mean**0.5) * rng.lognormvariate(0, 0.08)), 0)


def share(rng, of, rate):
    """So many of them, each by chance, at a rate that is a little different every day."""
    rate *= rng.lognormvariate(0, 0.05)
    return sum(rng.random() < rate for _ in range(of))


def in_hours(rng, count, weights):
    found = [0] * 24
    for hour in rng.choices(range(24), weights, k=count):
        found[hour] += 1
    return found


def clean_year(seed):
    """The counts of each day of one source."""
    rng = random.Random(seed)
    level, growth = rng.choice((40, 150, 600)), rng.uniform(0.8, 3)
    weekend, holiday = rng.uniform(0.4, 1), rng.uniform(0.35, 0.7)
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        rests = day.weekday() >= 5
        mean = level * growth ** (number / DAYS) * (weekend if rests else 1)
        mean *= holiday if (day.month, day.day) in HOLIDAYS else 1
        count = drawn(rng, mean)
        alone = share(rng, count, 0.8)
        closed, long = share(rng, alone, 0.7), share(rng, alone, 0.2)
        yield {
            "source": f"year {seed}",
            "start_date": day,
            "session_count": count,
            "bot_count": drawn(rng, 4),
            "alone_count": alone,
            "hasty_count": share(rng, alone, 0.15),
            "event_count": drawn(rng, alone * rng.uniform(5, 9)),
            "largest_count": drawn(rng, 90),
            "closed_count": closed,
            "ended_count": share(rng, closed, 0.4),
            "long_count": long,
            "heartbeat_count": share(rng, long, 0.95),
            "repeated_count": share(rng, alone, 0.2),
            "hour_counts": in_hours(rng, count, LATE if rests else HOURS),
        }


@pytest.fixture(scope="module")
def years():
    return [list(clean_year(seed)) for seed in range(YEARS)]


def faults_of(folder, years):
    as_of = datetime.combine(FIRST, datetime.min.time(), UTC) + timedelta(days=DAYS)
    rows = [row for year in years for row in year]
    write_build(folder, [], as_of=as_of.replace(tzinfo=None), source_days=rows)
    with connection.open(folder) as wh:
        return health.faults(wh)


def test_a_day_that_keeps_its_sessions_and_loses_their_events_is_an_outage(tmp_path, years):
    (year,) = years[:1]
    lost = year[200]
    few = [*year[:200], lost | {"event_count": lost["event_count"] // 10}, *year[201:]]
    (row,) = faults_of(tmp_path, [few]).iter_rows(named=True)
    assert (row["kind"], row["first_date"]) == ("outage", lost["start_date"])
    assert row["last_date"] == row["first_date"]
    usual = row["evidence"].partition(" has ")[2]
    assert row["evidence"] == (
        f"{lost['event_count'] // 10:,} events in sessions of this source alone "
        f"where a {lost['start_date']:%A} has {usual}"
    )


def test_ten_clean_years_raise_at_most_one_alarm(tmp_path, years):
    found = faults_of(tmp_path, years)
    assert found.height <= 1, found.rows()
