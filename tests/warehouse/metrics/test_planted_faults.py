"""Faults that are planted into an export are found, each with its days, and nothing else is."""

import random
from datetime import date, datetime, time, timedelta

import pytest

import warehouse
from tests.make import build_home, load_files, write_ndjson
from warehouse.filters import Filters
from warehouse.metrics import health, overview

FIRST = date(2026, 1, 5)  # A Monday.
DAYS = 70
# Numbers of the days of each.
OUTAGE, UNENDED = (43, 44), (49, 50)
SKEW, DOUBLED, SILENT, STORM, FLOOD, COPIED = (45,), (47,), (51,), (53,), (55,), (57,)
PLANTED = {
    ("outage", OUTAGE),
    ("clock_skew", SKEW),
    ("duplicate_storm", DOUBLED),
    ("duplicate_storm", COPIED),
    ("missing_ends", UNENDED),
    ("heartbeat_gaps", SILENT),
    ("bot_storm", STORM),
    ("bot_storm", FLOOD),
}


def row(user, at, event, **more):
    return {"user": user, "time": at.isoformat() + "Z", "event": event, **more}


def visits(rng, source, number, count):
    """The visits of a day, in office hours: a page, a heartbeat, and the end that is sent."""
    for visit in range(count):
        user = f"{source}-{number}-{visit}"
        seconds = rng.randrange(9 * 3600, 16 * 3600)
        start = datetime.combine(FIRST + timedelta(days=number), time()) + timedelta(
            seconds=seconds
        )
        start -= timedelta(hours=5) if source == "web" and number in SKEW else timedelta()
        yield row(user, start, "page_view")
        if not (source == "web" and number in SILENT):
            yield row(user, start + timedelta(minutes=5), "heartbeat")
        if not (source == "web" and number in UNENDED):
            yield row(user, start + timedelta(minutes=6), "session_end")


def robots(rng, number):
    """One event of each of 150 users who are new; and one who does nothing but click."""
    midnight = datetime.combine(FIRST + timedelta(days=number), time())
    if number in STORM:
        for visit in range(150):
            at = midnight + timedelta(seconds=rng.randrange(86400))
            yield row(f"storm-{visit}", at, "page_view")
    if number in FLOOD:
        for second in range(1200):
            yield row("flood", midnight + timedelta(hours=9, seconds=second), "click")


def export(source, per_day):
    rng = random.Random(source)
    rows = []
    for number in range(DAYS):
        if source == "web" and number in OUTAGE:
            continue
        of_day = list(visits(rng, source, number, per_day))
        if source == "web":
            copies = of_day if number in DOUBLED else []
            of_day += [*copies, *robots(rng, number)]
        rows += of_day
    return [{"id": f"{source}-{n}", **each} for n, each in enumerate(rows)]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planted")
    for source, per_day in (("web", 60), ("app", 25)):
        rows = export(source, per_day)
        parts = [rows[at : at + 3000] for at in range(0, len(rows), 3000)]
        if source == "web":
            copied = (FIRST + timedelta(days=COPIED[0])).isoformat()
            parts.append([row for row in rows if row["time"].startswith(copied)][::-1])
        files = [
            write_ndjson(folder / f"{source}-{n}.ndjson", part) for n, part in enumerate(parts)
        ]
        load_files(folder / "home", *files, source=source)
    build_home(folder / "home")
    return folder / "home"


@pytest.fixture(scope="module")
def found(home):
    with warehouse.open(home) as wh:
        return health.faults(wh)


def test_days_of_a_source_count_what_was_captured(home):
    text = (
        "select session_count, alone_count, closed_count, ended_count, long_count, "
        "heartbeat_count, repeated_count, hasty_count, bot_count, largest_count, "
        "list_sum(hour_counts)::int, list_sum(hour_counts[10:16])::int "
        "from source_days where source = $source and start_date = $day"
    )

    def counts(source, number):
        params = {"source": source, "day": FIRST + timedelta(days=number)}
        return warehouse_rows(home, text, params)

    assert counts("app", 20) == [(25, 25, 25, 25, 25, 25, 0, 0, 0, 3, 25, 25)]
    assert counts("web", UNENDED[0]) == [(60, 60, 60, 0, 60, 60, 0, 0, 0, 2, 60, 60)]
    assert counts("web", SILENT[0]) == [(60, 60, 60, 60, 60, 0, 0, 0, 0, 2, 60, 60)]
    assert counts("web", DOUBLED[0]) == [(60, 60, 60, 60, 60, 60, 60, 0, 0, 6, 60, 60)]
    assert counts("web", OUTAGE[0]) == []


def warehouse_rows(home, text, params):
    with warehouse.open(home) as wh:
        return wh.sql(text, params).fetchall()


def test_each_planted_fault_is_found_with_its_days_and_nothing_else(found):
    days = [FIRST + timedelta(days=n) for n in range(DAYS)]
    wanted = {(kind, "web", days[span[0]], days[span[-1]]) for kind, span in PLANTED}
    assert set(found.drop("evidence").rows()) == wanted
    assert found.height == len(wanted)
    # Those of files are told by test_faults.py.
    assert {kind for kind, _ in PLANTED} == {*health.FAULTS} - {"future_dates"}


def test_what_was_found_is_said_in_words(found):
    told = {row["kind"]: row["evidence"] for row in found.iter_rows(named=True)}
    doubled = found.filter(found["kind"] == "duplicate_storm")["evidence"].to_list()
    assert doubled == [
        "60 sessions with each event twice where 0 were to be expected",
        "180 rows of web-5.ndjson were there before and were dropped",
    ]
    assert told == {
        "outage": "0 sessions where these 2 days have 120",
        "clock_skew": "sessions start about 5 h earlier than on the same weekdays",
        "duplicate_storm": doubled[-1],
        "missing_ends": "0 sessions with an end event where 120 were to be expected",
        "heartbeat_gaps": "0 sessions of 5 minutes with a heartbeat where 60 were to be expected",
        "bot_storm": "1,200 events of one session where a Sunday has 3",
    }


def test_the_effect_of_a_fault_is_what_its_days_do_to_the_numbers(home, found):
    with warehouse.open(home) as wh:
        frame = health.effect(wh)
        assert frame.select(found.columns).equals(found)
        for each in frame.iter_rows(named=True):
            first, last = each["first_date"], each["last_date"]
            assert (each["period_start"], each["period_end"]) == (first - timedelta(days=28), last)
            within = Filters(each["period_start"], last)
            assert_told(wh, each, within, "")
            assert_told(
                wh, each, Filters(each["period_start"], first - timedelta(days=1)), "_without"
            )
            assert each["day_count"] - each["day_count_without"] == (last - first).days + 1
        storm = frame.filter(frame["kind"] == "bot_storm")[0].to_dicts()[0]
        assert storm["user_count"] - storm["user_count_without"] == 60 + 25 + 150
        assert storm["bounce_rate"] > storm["bounce_rate_without"]


def assert_told(wh, row, filters, suffix):
    """The numbers of a row are those of the overview."""
    totals = overview.totals(wh, filters).to_dicts()[0]
    for name in ("session_count", "user_count", "median_duration_seconds", "bounce_rate"):
        assert row[f"{name}{suffix}"] == pytest.approx(totals[name]), (row["kind"], name)


def test_the_effect_is_within_the_period_and_sources_that_are_asked_for(home):
    period = (FIRST + timedelta(days=44), FIRST + timedelta(days=48))
    with warehouse.open(home) as wh:
        for none in ("app", "!= web"):
            assert health.effect(wh, Filters(*period, where={"source": none})).is_empty()
        frame = health.effect(wh, Filters(*period, sources=["web"]))
        others = Filters(*period, segments=[{"source": "!= app"}])
        assert health.effect(wh, others).equals(frame)
    assert frame["kind"].to_list() == ["outage", "clock_skew", "duplicate_storm"]
    assert set(frame["day_count"]) == {5}
    assert frame["day_count_without"].to_list() == [4, 4, 4]
    assert frame["session_count"].to_list() == [240, 240, 240]
    assert frame["session_count_without"].to_list() == [240, 180, 180]


def test_a_period_that_is_open_at_one_end_is_that_of_the_filters(home):
    middle = FIRST + timedelta(days=48)
    with warehouse.open(home) as wh:
        for filters, kinds, period in (
            (Filters(start=middle), 5, (middle, wh.as_of_date)),
            (Filters(end=middle), 3, (FIRST, middle)),
        ):
            frame = health.effect(wh, filters)
            assert frame.height == kinds
            assert set(frame.select("period_start", "period_end").rows()) == {period}
            assert_told(wh, frame.to_dicts()[0], filters, "")
