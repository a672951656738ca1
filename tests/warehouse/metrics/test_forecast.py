"""Forecasts of a warehouse's days: which days they learn of, and when they are refused."""

from datetime import date, datetime, timedelta

import pytest

from benchmarks.daily_series import made
from etl.errors import ConfigError
from tests.warehouse.feeds import write_feeds
from tests.warehouse.small_builds import at, session
from warehouse import Filters, connection
from warehouse.metrics import forecast, forecast_trials

FIRST = date(2026, 1, 5)  # A Monday.
COUNTS = [int(count) for count in made(100, seed=20, level=120, yearly=0, growth=0)]
AS_OF = datetime(2026, 1, 5, 12) + timedelta(days=99)  # noqa: DTZ001 - naive UTC
NAN = float("nan")


def day(number):
    return FIRST + timedelta(days=number)


def feed(changed=None, first=0, last=100):
    counts = {day(number): COUNTS[number] for number in range(first, last)}
    return counts | {day(number): count for number, count in (changed or {}).items()}


@pytest.fixture
def open_feeds(tmp_path):
    """Writes a build of so many sessions a day and source, and opens it."""
    opened = []

    def write(feeds, as_of=AS_OF):
        home = tmp_path / f"home-{len(opened)}"
        write_feeds(home, feeds, as_of)
        opened.append(connection.open(home))
        return opened[-1]

    yield write
    for wh in opened:
        wh.close()


def ahead(frame):
    return frame.filter("is_forecast")


def test_the_days_ahead_are_those_of_the_best_model(open_feeds):
    wh = open_feeds({"web": feed()})
    frame = forecast.daily(wh, Filters(), "session_count")
    assert frame.columns == ["date", "value", "low", "high", "is_forecast", "model", "mase"]
    known = frame.filter(~frame["is_forecast"])
    # The running day is the first of those that are told.
    assert known["date"].to_list() == [day(number) for number in range(99)]
    assert known["value"].to_list() == COUNTS[:99]
    assert known.select("low", "high", "model", "mase").null_count().row(0) == (99,) * 4
    trials = forecast_trials.of(known["value"].to_numpy())
    told = ahead(frame)
    assert told["date"].to_list() == [day(number) for number in range(99, 127)]
    for name in ("low", "high"):
        assert told[name].to_list() == list(getattr(trials, name))
    assert told["value"].to_list() == list(trials.ahead)
    assert set(told["model"]) == {trials.chosen}
    assert set(told["mase"]) == {trials.mase(trials.chosen)}
    tested = forecast.back_test(wh, Filters(), "session_count")
    assert dict(tested.select("model", "mean_error").rows()) == trials.errors
    assert tested.filter("is_chosen")["model"].to_list() == [trials.chosen]
    assert set(tested.select("first_date", "day_count", "left_out_count").rows()) == {
        (FIRST, 99, 0)
    }


def test_fewer_days_ahead_are_the_first_of_all(open_feeds):
    wh = open_feeds({"web": feed()})
    whole = forecast.daily(wh, Filters(), "session_count")
    assert forecast.daily(wh, Filters(), "session_count", 3).equals(whole.head(102))


def test_a_period_bounds_what_is_shown_and_its_end_what_is_known(open_feeds):
    wh = open_feeds({"web": feed()})
    late = forecast.daily(wh, Filters(day(90), day(99)), "session_count")
    assert late["date"][0] == day(90)
    assert ahead(late).equals(ahead(forecast.daily(wh, Filters(), "session_count")))
    earlier = forecast.daily(wh, Filters(end=day(79)), "session_count")
    assert ahead(earlier)["date"][0] == day(80)
    wh = open_feeds({"web": feed(last=81)}, AS_OF - timedelta(days=19))
    assert earlier.equals(forecast.daily(wh, Filters(), "session_count"))


def test_users_are_those_with_an_event(open_build):
    rows = [
        session(f"user {again % (1 + number % 5)}", at("2026-01-05 12:00") + timedelta(number))
        | {"session_id": f"{number} {again}"}
        for number in range(71)
        for again in range(6)
    ]
    wh = open_build(rows)
    frame = forecast.daily(wh, Filters(), "user_count", 1)
    assert frame["value"].to_list()[:70] == [1 + number % 5 for number in range(70)]
    sessions = forecast.daily(wh, Filters(), "session_count", 1)
    assert sessions["value"].to_list() == [6.0] * 71
    assert sessions["mase"].to_list() == [None] * 71


# Case → changed days of a feed, of which the day of the first and last are given; filters; the days
# that are left out.
LEFT_OUT = {
    "an outage": ({70: 0, 71: 2}, {}, [70, 71]),
    "of a source that is asked for": ({70: 0}, {"source": "web"}, [70]),
    "of one that is not": ({70: 0}, {"source": "other"}, []),
    "of any but this": ({70: 0}, {"source": "!= web"}, []),
    "a day that is no fault": ({70: 90}, {}, []),
}


@pytest.mark.parametrize("case", LEFT_OUT)
def test_nothing_is_learned_of_days_that_faults_make_unknown(open_feeds, case):
    changed, where, left_out = LEFT_OUT[case]
    wh = open_feeds({"web": feed(changed), "other": feed()})
    filters = Filters(where=where)
    frame = forecast.daily(wh, filters, "session_count")
    # They are shown as they were counted.
    counted = frame["value"].to_list()[:99]
    told = [feed(changed)[day(number)] for number in range(99)]
    other = [COUNTS[number] for number in range(99)]
    both = [one + another for one, another in zip(told, other, strict=True)]
    assert counted == {"web": told, "other": other, "!= web": other}.get(where.get("source"), both)
    learned = frame["value"].head(99).to_numpy().copy()
    learned[left_out] = NAN
    assert ahead(frame)["value"].to_list() == list(forecast_trials.of(learned).ahead)
    tested = forecast.back_test(wh, filters, "session_count")
    assert tested["left_out_count"][0] == len(left_out)
    assert tested["day_count"][0] == 99 - len(left_out)


def test_a_build_that_did_not_count_the_days_of_its_sources_leaves_none_out(open_feeds):
    import duckdb

    wh = open_feeds({"web": feed({70: 0})})
    path = wh.path
    wh.close()
    with duckdb.connect(path) as con:
        con.execute("drop table source_days")
    with connection.open(wh.home) as older:
        assert forecast.back_test(older, Filters(), "session_count")["left_out_count"][0] == 0


# Case → the day on which the source begins, its changed days, and what is said; None: it is told.
REFUSED = {
    "eight weeks": (43, {}, None),
    "a day less": (44, {}, "needs 56 complete days; there are 55, since 2026-02-18."),
    "a day of them a fault": (
        *(43, {90: 0}),
        "there are 55, since 2026-02-17, 1 of outages, robots or repeated events left out.",
    ),
    "what is before the first session": (60, {}, "there are 39, since 2026-03-06."),
    "the running day alone": (99, {}, "A forecast needs 56 complete days; there are none."),
}


@pytest.mark.parametrize("case", REFUSED)
def test_too_few_days_are_refused(open_feeds, case):
    first, changed, said = REFUSED[case]
    wh = open_feeds({"young": feed(changed, first=first), "old": feed()})
    filters = Filters(sources=("young",))
    for asked in (forecast.daily, forecast.back_test):
        if said is None:
            assert asked(wh, filters, "session_count").height
            continue
        with pytest.raises(ConfigError) as error:
            asked(wh, filters, "session_count")
        assert str(error.value).endswith(said)


@pytest.mark.parametrize(
    ("metric", "days", "said"),
    [
        ("bounce_rate", 28, "Unknown metric to forecast 'bounce_rate'.* session_count, user_count"),
        ("session_count", 0, "days is 0. Wanted: 1 to 28"),
        ("session_count", 29, "days is 29. Wanted: 1 to 28"),
        ("session_count", 28, "there are none"),
    ],
)
def test_what_cannot_be_told_is_refused(open_build, metric, days, said):
    with pytest.raises(ConfigError, match=said):
        forecast.daily(open_build([]), Filters(), metric, days)


def test_days_before_a_prune_are_no_history(open_feeds):
    wh = open_feeds({"web": feed()})
    # As `prune` leaves it to the reader of a build.
    wh.pruned_before = day(40)
    frame = forecast.daily(wh, Filters(), "session_count")
    assert frame["date"][0] == day(40)
