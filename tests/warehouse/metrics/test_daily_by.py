"""Sessions over time by one dimension, against the same counted in Python."""

import random
from collections import Counter
from datetime import date, timedelta

import pytest

from etl.errors import ConfigError
from tests.warehouse.small_builds import at, session, write_build
from warehouse import connection
from warehouse.filters import Filters
from warehouse.metrics import breakdowns, overview

RNG = random.Random(3)
TYPES = ("chat", "chat", "browse", "browse", "read", "write", "admin", "api", None)
ROWS = [
    session(
        f"u{n}",
        at("2026-03-01 12:00") + timedelta(days=RNG.randrange(50)),
        session_id=f"s{n}",
        session_type=RNG.choice(TYPES),
        is_bot=n % 17 == 0,
    )
    for n in range(150)
]
PERIOD = Filters(date(2026, 3, 5), date(2026, 4, 15))


@pytest.fixture(scope="module")
def wh(tmp_path_factory):
    home = tmp_path_factory.mktemp("daily_by")
    write_build(home, ROWS, as_of=at("2026-04-15 18:00"))
    with connection.open(home) as opened:
        yield opened


def start_of(day, grain):
    if grain == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if grain == "month" else day


@pytest.mark.parametrize("grain", ["day", "week", "month"])
@pytest.mark.parametrize("limit", [0, 2, 50])
def test_each_part_is_counted_as_by_hand(wh, grain, limit):
    taken = [r for r in ROWS if not r["is_bot"] and PERIOD.start <= r["start_date"] <= PERIOD.end]
    sizes = Counter(r["session_type"] for r in taken if r["session_type"])
    top = sorted(sizes, key=lambda value: (-sizes[value], value))[:limit]

    def part(row):
        value = row["session_type"]
        return (value, False) if value is None or value in top else (None, True)

    wanted = Counter((start_of(r["start_date"], grain), *part(r)) for r in taken)
    frame = breakdowns.daily_by(wh, PERIOD, "session_type", grain, limit)
    told = {tuple(row[:3]): row[3] for row in frame.iter_rows()}
    assert {key: count for key, count in told.items() if count} == wanted
    parts = [*((value, False) for value in top), (None, True), (None, False)]
    parts = [each for each in parts if each in {part(r) for r in taken}]
    days = [PERIOD.start + timedelta(days=n) for n in range(PERIOD.day_count)]
    starts = sorted({start_of(day, grain) for day in days})
    assert list(told) == [(start, *each) for start in starts for each in parts]


@pytest.mark.parametrize("grain", ["day", "week", "month"])
def test_the_parts_add_up_to_the_series(wh, grain):
    frame = breakdowns.daily_by(wh, PERIOD, "session_type", grain)
    series = overview.series(wh, PERIOD, "session_count", grain)
    sums = frame.drop("value").group_by("period_start", "is_complete", maintain_order=True).sum()
    assert sums.select("period_start", "session_count", "is_complete").rows() == [
        (start, value, done) for start, value, _, done in series.iter_rows()
    ]


@pytest.mark.parametrize("grain", ["day", "week", "month"])
def test_what_comes_after_the_running_day_is_not_known(wh, grain):
    later = Filters(PERIOD.start, wh.as_of_date + timedelta(days=70))
    frame = breakdowns.daily_by(wh, later, "session_type", grain)
    known = frame.filter(frame["period_start"] <= wh.as_of_date)["session_count"]
    # Events of a clock that goes ahead are told.
    later = frame.filter(frame["period_start"] > max(row["start_date"] for row in ROWS))
    assert known.null_count() == 0
    assert later.height > 0
    assert later["session_count"].null_count() == later.height


def test_there_are_no_rows_without_sessions(wh):
    none = Filters(PERIOD.start, PERIOD.end, {"session_type": "none"})
    assert breakdowns.daily_by(wh, none, "session_type").is_empty()


def test_lists_and_unknown_grains_are_refused(wh):
    with pytest.raises(ConfigError, match="Unknown dimension 'tag'"):
        breakdowns.daily_by(wh, PERIOD, "tag")
    with pytest.raises(ConfigError, match="Unknown grain 'year'"):
        breakdowns.daily_by(wh, PERIOD, "session_type", "year")
