"""What changed most, against the same worked out in plain Python, session by session."""

import random
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from math import nan
from statistics import NormalDist, fmean, pvariance

import pytest

from etl.errors import ConfigError
from tests.warehouse.dimension_rows import LISTS
from tests.warehouse.small_builds import at, session, write_build
from warehouse import connection, every_dimension
from warehouse.dimensions import DIMENSIONS
from warehouse.filters import Filters
from warehouse.metrics import moved_values, overview, registry

AS_OF = at("2026-06-24 18:00")
WEEKS = Filters(date(2026, 6, 11), date(2026, 6, 24))
# The running day, and its counterpart, are left out.
NOW, BEFORE = (date(2026, 6, 11), date(2026, 6, 23)), (date(2026, 5, 28), date(2026, 6, 9))
COUNTS = {
    "session_count": lambda row: True,
    "new_user_count": lambda row: row["is_new_user"],
    "closed_session_count": lambda row: not row["is_open"],
    "open_session_count": lambda row: row["is_open"],
    "one_event_session_count": lambda row: row["event_count"] < 2,
    "suspect_session_count": lambda row: row["is_suspect"],
}
TIMED = {
    "avg_duration_seconds": lambda row: row["duration_seconds"],
    "avg_engaged_seconds": lambda row: row["engaged_seconds"],
}
CLOSED = {
    "bounce_rate": lambda row: row["is_bounce"],
    "error_rate": lambda row: row["error_count"] > 0,
    "abandonment_rate": lambda row: row["is_abandoned"],
    "one_event_session_rate": lambda row: row["event_count"] < 2,
}
MEANS = {
    **{
        name: lambda row, of=of: None if row["is_suspect"] else of(row)
        for name, of in TIMED.items()
    },
    "avg_duration_seconds_multi": lambda row: (
        None if row["is_suspect"] or row["event_count"] < 2 else row["duration_seconds"]
    ),
    "actions_per_session": lambda row: row["action_count"],
    **{name: lambda row, of=of: None if row["is_open"] else of(row) for name, of in CLOSED.items()},
}


def made_sessions():
    rng = random.Random(8)
    for number in range(280):
        start = at("2026-05-26") + timedelta(minutes=rng.randrange(30 * 24 * 60))
        later = start.date() >= date(2026, 6, 11)
        seconds = rng.choice((0, 10, 40, 900, 90_000 if number % 25 == 0 else 300))
        yield session(
            f"user {number % 41}",
            min(start, AS_OF),
            seconds * (2 if later and number % 3 == 0 else 1),
            session_id=f"s{number}",
            session_number=1 if number < 41 else 2,
            browser=rng.choice(("Zen", "Edge", "Zen", None))
            if later
            else rng.choice(("Zen", None)),
            entry_page=f"/{rng.randrange(20)}",
            device_type="desktop",
            tags=rng.sample(("a", "b", "c"), rng.randrange(3)),
            sources=rng.choice((["web"], ["app"], ["app", "web"])),
            action_count=rng.randrange(4),
            error_count=rng.randrange(3) // 2,
            is_open=rng.random() < 0.1,
            is_abandoned=rng.choice((None, True, False)),
            is_bot=rng.random() < 0.05,
        )


ROWS = list(made_sessions())
USERS = [
    {"user_id": f"user {n}", "first_date": date(2026, 1 + n % 3, 1), "pattern": "explorer"}
    for n in range(41)
]


@pytest.fixture(scope="module")
def wh(tmp_path_factory):
    home = tmp_path_factory.mktemp("movers")
    write_build(home, ROWS, users=USERS, as_of=AS_OF)
    with connection.open(home) as opened:
        yield opened


@cache
def all_values():
    """Session → dimension → its values."""
    return {row["session_id"]: {d.name: values_of(row, d.name) for d in DIMENSIONS} for row in ROWS}


def values_of(row, dimension):
    """The values of a session, as texts, worked out of its row."""
    number = int(row["user_id"].split()[1])
    match dimension:
        case "hour":
            return [str(row["start_time"].hour)]
        case "weekday":
            return [str(row["start_date"].isoweekday())]
        case "is_new_user" | "is_abandoned":
            return [None if row[dimension] is None else str(row[dimension]).lower()]
        case "user_pattern":
            return ["explorer"]
        case "cohort_month":
            return [f"2026-0{1 + number % 3}"]
        case "activity_level":
            recent = [r for r in ROWS if r["user_id"] == row["user_id"]]
            count = sum(r["start_time"] > AS_OF - timedelta(days=30) for r in recent)
            return [
                "power_user" if count > 20 else "regular_user" if count > 5 else "occasional_user"
            ]
        case name if name in LISTS:
            return row[LISTS[name]] or [None]
        case name:
            return [row.get(name)]


def taken(period):
    return [r for r in ROWS if not r["is_bot"] and period[0] <= r["start_date"] <= period[1]]


def expected(metric):
    """(dimension, value) → contribution, share, both numbers, both n, beyond chance or not."""
    sides = [taken(NOW), taken(BEFORE)]
    values = {
        (dimension.name, value)
        for side in sides
        for row in side
        for dimension in DIMENSIONS
        for value in all_values()[row["session_id"]][dimension.name]
    }
    has = {
        key: [
            [r for r in side if key[1] in all_values()[r["session_id"]][key[0]]] for side in sides
        ]
        for key in values
    }
    has = {key: rows for key, rows in has.items() if [*map(len, rows)] != [*map(len, sides)]}
    limit = NormalDist().inv_cdf(1 - 0.025 / len(has))
    work = of_count if metric in COUNTS else of_mean
    answer = {key: work(metric, sides, rows) for key, rows in has.items()}
    return {
        key: (*numbers, error > 0 and abs(numbers[0]) > limit * error)
        for key, (*numbers, error) in answer.items()
        if abs(numbers[0]) > 1e-9
    }


def of_count(metric, sides, rows):
    now, before = (sum(map(COUNTS[metric], side)) for side in rows)
    whole = [sum(map(COUNTS[metric], side)) for side in sides]
    change = whole[0] - whole[1]
    share = (now - before) / change if change else None
    return now - before, share, now, before, *map(len, rows), (now + before) ** 0.5


def of_mean(metric, sides, rows):
    """By each session's own part: how far it is from the middle, 0 where it lacks the value."""
    of = MEANS[metric]
    measured = [[row for row in side if of(row) is not None] for side in sides]
    whole = [fmean(map(of, side)) for side in measured]
    middle = fmean(whole)
    ids = {row["session_id"] for side in rows for row in side}
    parts = [
        [of(row) - middle if row["session_id"] in ids else 0 for row in side] for side in measured
    ]
    contribution = fmean(parts[0]) - fmean(parts[1])
    own = [[of(row) for row in side if of(row) is not None] for side in rows]
    now, before = (fmean(side) if side else None for side in own)
    error = sum(pvariance(side) / len(side) for side in parts) ** 0.5
    share = contribution / (whole[0] - whole[1])
    return contribution, share, now, before, *map(len, own), error


def known(numbers):
    """Numbers that can be compared with a tolerance."""
    return [nan if number is None else float(number) for number in numbers]


@pytest.mark.parametrize("metric", [*COUNTS, *MEANS])
def test_every_value_is_told_as_counted_by_hand(wh, metric):
    frame = overview.movers(wh, WEEKS, metric, limit=10_000)
    wanted = expected(metric)
    columns = ("contribution", "share_of_change", "current", "previous", "current_n", "previous_n")
    told = {
        (row["dimension"], row["value"]): (
            *(row[name] for name in columns),
            row["is_beyond_chance"],
        )
        for row in frame.iter_rows(named=True)
    }
    assert told.keys() == wanted.keys()
    for key, numbers in told.items():
        assert known(numbers) == pytest.approx(known(wanted[key]), abs=1e-7, nan_ok=True), key
    changes = [
        None if None in (now, before) else now - before
        for now, before in frame.select("current", "previous").iter_rows()
    ]
    assert frame["change"].to_list() == pytest.approx(changes)


def test_the_metrics_here_are_all_that_can_be_told():
    assert set(moved_values.MOVABLE) == {*COUNTS, *MEANS}
    assert set(every_dimension.measures()) == set(moved_values.MOVABLE)


@pytest.mark.parametrize("metric", ["new_user_count", "avg_duration_seconds", "bounce_rate"])
def test_over_the_values_of_a_dimension_contributions_add_up_to_the_change(wh, metric):
    frame = overview.movers(wh, WEEKS, metric, limit=10_000)
    row = {row["metric"]: row for row in overview.change(wh, WEEKS).iter_rows(named=True)}.get(
        metric
    )
    for name in ("browser", "entry_page", "hour", "weekday"):
        parts = frame.filter(frame["dimension"] == name)
        change = taken_change(metric) if row is None else row["current"] - row["previous"]
        assert parts["contribution"].sum() == pytest.approx(change)
        if change:
            assert parts["share_of_change"].sum() == pytest.approx(1)


def taken_change(metric):
    now, before = (sum(map(COUNTS[metric], taken(period))) for period in (NOW, BEFORE))
    return now - before


def test_those_beyond_chance_come_first_and_then_the_largest(wh):
    frame = overview.movers(wh, WEEKS, "bounce_rate", limit=10_000)
    keys = [
        (not row["is_beyond_chance"], -abs(row["contribution"]))
        for row in frame.iter_rows(named=True)
    ]
    assert all(one <= other or one[1] == pytest.approx(other[1]) for one, other in pairwise(keys))
    assert overview.movers(wh, WEEKS, "bounce_rate", limit=3).equals(frame.head(3))


def test_a_value_of_all_sessions_and_one_that_does_not_move_are_no_row(open_build):
    rows = [
        *(session(f"u{n}", at("2026-06-02 12:00"), browser="Zen", os="A") for n in range(3)),
        *(
            session(f"u{n}", at("2026-06-09 12:00"), browser="Zen", os="AB"[n > 2])
            for n in range(5)
        ),
    ]
    wh = open_build(rows, as_of=at("2026-06-10 12:00"))
    frame = overview.movers(wh, Filters(date(2026, 6, 9), date(2026, 6, 9)))
    told = {
        (d, v): (c, share)
        for d, v, c, share in frame.select(
            "dimension", "value", "change", "share_of_change"
        ).iter_rows()
    }
    assert told == {("os", "B"): (2.0, 1.0)}


def test_the_share_is_not_known_when_the_whole_did_not_change(open_build):
    days = at("2026-06-02 12:00"), at("2026-06-09 12:00")
    rows = [
        session(f"u{day} {n}", day, os="A" if day == days[n % 2] else "B")
        for day in days
        for n in range(4)
    ]
    wh = open_build(rows, as_of=at("2026-06-10 12:00"))
    for metric in ("session_count", "avg_duration_seconds"):
        frame = overview.movers(wh, Filters(date(2026, 6, 9), date(2026, 6, 9)), metric)
        assert frame["share_of_change"].null_count() == frame.height


@pytest.mark.parametrize(
    ("filters", "compare"),
    [
        pytest.param(Filters(), "weekday", id="a period open at both ends"),
        pytest.param(WEEKS, "none", id="no comparison"),
        pytest.param(Filters(AS_OF.date(), AS_OF.date()), "weekday", id="the running day alone"),
        pytest.param(WEEKS, "year", id="no data then"),
        pytest.param(Filters(WEEKS.start, WEEKS.end, {"browser": "None"}), "weekday", id="none"),
    ],
)
def test_there_are_no_rows_when_there_is_nothing_to_compare(wh, filters, compare):
    frame = overview.movers(wh, filters, compare=compare)
    assert frame.is_empty()
    assert frame.columns == overview.movers(wh, WEEKS).columns


def test_a_comparison_may_be_of_other_conditions(wh):
    zen = Filters(*NOW, where={"browser": "Zen"})
    frame = overview.movers(wh, Filters(*NOW), compare=zen)
    other = frame.filter((frame["dimension"] == "browser") & (frame["value"] == "Edge"))
    edge = sum(row["browser"] == "Edge" for row in taken(NOW))
    assert other.select("current", "previous").rows() == [(edge, 0)]


def test_a_dimension_can_be_left_out(wh):
    named = set(overview.movers(wh, WEEKS, limit=10_000)["dimension"])
    left = set(overview.movers(wh, WEEKS, limit=10_000, without=("hour", "tag"))["dimension"])
    assert named - left == {"hour", "tag"}


@pytest.mark.parametrize(
    "metric", ["user_count", "median_duration_seconds", "p90_duration_seconds"]
)
def test_what_does_not_add_up_over_sessions_is_refused_with_what_does(wh, metric):
    with pytest.raises(
        ConfigError, match=rf"'{metric}' cannot be told.+session_count, .+bounce_rate"
    ):
        overview.movers(wh, WEEKS, metric)
    assert metric in registry.TOTALS


def test_a_limit_below_zero_and_an_unknown_dimension_are_refused(wh):
    with pytest.raises(ConfigError, match="Give 0 or more"):
        overview.movers(wh, WEEKS, limit=-1)
    with pytest.raises(ConfigError, match="Did you mean 'browser'"):
        overview.movers(wh, WEEKS, without=("browsr",))


def test_a_build_that_is_older_than_a_dimension_is_read_without_it(wh, tmp_path):
    import duckdb

    home = tmp_path / "old"
    path = write_build(home, ROWS[:50], as_of=AS_OF)
    with duckdb.connect(path) as con:
        con.execute("alter table user_sessions drop column query_types")
    with connection.open(home) as old:
        told = set(overview.movers(old, WEEKS, limit=10_000)["dimension"])
    assert "browser" in told
    assert "query_type" not in told
