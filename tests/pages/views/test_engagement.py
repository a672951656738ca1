"""Engagement without a browser: what it shows is what the metrics say, whatever is filtered."""

from __future__ import annotations

import json
from datetime import date, timedelta

import polars as pl
import pytest

import warehouse
from pages.ui import format, html_table
from pages.views import engagement as view
from pages.views import engagement_counts as counts
from tests.pages.conftest import UNTIL, load, texts
from tests.pages.seen import tables
from tests.warehouse.small_builds import NOON
from warehouse import Filters
from warehouse.metrics import engagement, overview

PAGE = "pages/engagement.py"
TODAY = UNTIL.date()
# Address → the same choice as the warehouse knows it.
CHOICES = {
    "as it opens": ({}, Filters.last_days(30, TODAY)),
    "a week on mobiles": (
        {"period": "7", "device_type": "mobile"},
        Filters.last_days(7, TODAY, devices=["mobile"]),
    ),
    "days of one's own, with bots": (
        {"from": "2026-10-20", "to": "2026-11-03", "bots": "1"},
        Filters(start=date(2026, 10, 20), end=date(2026, 11, 3), include_bots=True),
    ),
    "a source, longer ago than the data": (
        {"period": "90", "source": "web"},
        Filters.last_days(90, TODAY, sources=["web"]),
    ),
}
# How the alt text of each table begins.
TABLES = {
    "lengths": "Sessions by duration",
    "percentiles": "Percentiles of",
    "survival": "Sessions that go on",
    "week": "Sessions by hour",
    "sessions_per_user": "Users by",
}
each_choice = pytest.mark.parametrize(("address", "filters"), CHOICES.values(), ids=CHOICES)


@pytest.fixture(scope="module")
def wh(home):
    with warehouse.open(home) as opened:
        yield opened


def chart(test, key):
    """The figure of a section, as it is sent to the browser."""
    [sent] = [plot.proto for plot in test.get("plotly_chart") if f"chart_{key}" in plot.proto.id]
    return json.loads(sent.spec)


@pytest.fixture(autouse=True)
def short_tables(monkeypatch):
    """The short tables that a page draws: alt text, values, and how their columns write them."""
    drawn = []

    def table_of(frame, columns, *, alt, **others):
        drawn.append((alt, frame, columns))
        return draw(frame, columns, alt=alt, **others)

    draw = html_table.table
    monkeypatch.setattr(html_table, "table", table_of)
    return drawn


def table(test, alt, short_tables):
    """The values of the one table of that name; a short one reads as its values are written."""
    long = [frame for frame in test.dataframe if frame.proto.alt.startswith(alt)]
    if long:
        return pl.from_pandas(long[0].value)
    _, frame, columns = [drawn for drawn in short_tables if drawn[0].startswith(alt)][-1]
    written = [
        {column.label: html_table.written(column, row[name]) for name, column in columns.items()}
        for row in frame.iter_rows(named=True)
    ]
    assert written in tables(test)
    return frame.select(list(columns))


def home_of(folder, minutes):
    """A home with the events of one user, so many minutes after noon."""
    rows = [f"u,{NOON + timedelta(minutes=at)}Z,click" for at in minutes]
    (folder / "events.csv").write_text("\n".join(["user_id,time,event", *rows]))
    load(folder / "home", folder / "events.csv")
    return folder / "home"


def numbers(column):
    return [None if value is None else pytest.approx(value) for value in column]


@each_choice
def test_tables_hold_what_the_metrics_say(open_page, home, wh, address, filters, short_tables):
    test = open_page(PAGE, home, **address)
    for key in TABLES:
        test.toggle(key=f"toggle_table_{key}").set_value(True)
    test.run()
    assert not test.exception
    for key, frame in {
        "lengths": engagement.distribution(wh, filters),
        "percentiles": engagement.percentiles(wh, filters),
        "survival": engagement.survival(wh, filters),
        "week": engagement.hour_by_weekday(wh, filters),
        "sessions_per_user": engagement.sessions_per_user(wh, filters),
    }.items():
        shown = table(test, TABLES[key], short_tables)
        assert shown.columns == frame.columns
        assert shown.height == frame.height
        for name in frame.columns:
            if name != "period_start":
                assert shown[name].to_list() == numbers(frame[name].to_list()), (key, name)


@each_choice
def test_sentences_hold_the_totals(open_page, home, wh, address, filters):
    said = texts(open_page(PAGE, home, **address))
    totals = overview.totals(wh, filters).row(0, named=True)
    p50, p90 = totals["median_duration_seconds"], totals["p90_duration_seconds"]
    assert f"longer than {format.duration(p50)} (p50), one in ten than" in said
    assert f"than {format.duration(p90)} (p90)" in said
    assert f"{format.share(totals['one_event_session_rate'])} of finished sessions" in said
    whole, engaged = totals["avg_duration_seconds"], totals["avg_engaged_seconds"]
    assert f"A session lasts **{format.duration(whole)}** on average" in said
    assert f"active for **{format.duration(engaged)}** of it" in said
    assert f"away for **{format.duration(whole - engaged)}**" in said


@each_choice
def test_bounces_stand_side_by_side(open_page, home, wh, address, filters, short_tables):
    test = open_page(PAGE, home, **address)
    shown, frame = table(test, "Bounce rate", short_tables), engagement.bounce_presets(wh, filters)
    assert shown["name"].to_list() == [name for name, _ in counts.PRESETS.values()]
    assert shown["bounce_rate"].to_list() == numbers(frame["bounce_rate"].to_list())
    assert shown["session_count"].to_list() == frame["session_count"].to_list()
    assert all(shown["meaning"].to_list())


def test_dwells_own_bounce_is_worded_by_the_settings():
    frame = pl.DataFrame({"preset": ["dwell", "ga4"]})
    own = "Share of finished sessions shorter than 45 s with at most 2 action(s). Exactly 45 s is."
    meanings = counts.worded(frame, own)["meaning"].to_list()
    assert meanings == [
        "shorter than 45 s with at most 2 action(s)",
        "10 s at most, and no second page view",
    ]


def test_users_are_exact_and_those_of_ten_and_more_are_one_bar(open_page, home, wh):
    bar = chart(open_page(PAGE, home, period="90"), "sessions_per_user")["data"][0]
    frame = engagement.sessions_per_user(wh, Filters.last_days(90, TODAY))
    many = frame.filter(pl.col("session_count") >= 10)["user_count"].sum()
    assert bar["x"][-1] == "10 or<br>more"
    assert bar["text"][-1] == format.count(many)
    assert bar["text"][0] == format.count(frame["user_count"][0])


def test_length_and_grain_stand_in_the_address(open_page, home, wh):
    test = open_page(PAGE, home, of="engaged", grain="week")
    heads = [head.value for head in test.subheader]
    assert "Sessions by engaged time" in heads
    assert "Percentiles of engaged time per week" in heads
    filters = Filters.last_days(30, TODAY)
    bins = engagement.distribution(wh, filters, "engaged_seconds")
    bars = chart(test, "lengths")["data"][0]
    assert len(bars["x"]) == bins.height
    assert bars["customdata"][0] == format.plural(bins["session_count"][0], "session")
    mean = overview.totals(wh, filters)["avg_engaged_seconds"][0]
    assert f"{format.duration(mean)} on average" in texts(test)
    test.segmented_control(key="own_of").set_value("duration").run()
    test.segmented_control(key="grain").set_value("month").run()
    assert test.query_params == {"grain": "month"}


def test_unknown_length_and_grain_are_the_usual_ones(open_page, home):
    heads = [head.value for head in open_page(PAGE, home, of="x", grain="y").subheader]
    assert "Percentiles of duration per day" in heads


def test_each_section_tells_how_it_is_counted_and_each_chart_what_it_is(open_page, home):
    test = open_page(PAGE, home)
    assert [head.value for head in test.subheader] == [
        "Sessions by duration",
        "Percentiles of duration per day",
        "Sessions that go on for longer",
        "Bounces as others count them",
        "Sessions by hour and weekday, in UTC",
        "Users by their number of sessions",
        "Active or away",
    ]
    queries = [caption.value for caption in test.caption if caption.value.startswith("SQL of")]
    assert len(queries) == len(test.subheader)
    # As CSV and as XLSX.
    assert len(test.get("download_button")) == 2 * len(test.subheader)
    plots = test.get("plotly_chart")
    assert len(plots) == 5
    assert all(plot.proto.alt for plot in plots)


def test_sessions_without_a_length_are_no_error(open_page, tmp_path):
    # Never silent for half an hour, for longer than a day.
    test = open_page(PAGE, home_of(tmp_path, [20 * at for at in range(80)]))
    assert texts(test).count("No session here has a length") == 3
    assert len(test.get("plotly_chart")) == 3


def test_one_open_session_is_a_page(open_page, tmp_path, short_tables):
    test = open_page(PAGE, home_of(tmp_path, [0]), period="1")
    assert "Half of the sessions are longer than 0 s (p50)" in texts(test)
    assert table(test, "Bounce rate", short_tables)["bounce_rate"].to_list() == [None] * 5


# Case: seconds and shares of the curve, and what is said of them.
CURVES = {
    "down to nothing": (
        [(0, 0.8), (10, 0.5), (20, 0.4), (100, 0.1), (200, 0)],
        "At least half of the sessions last longer than 10 s, at least one in ten last longer "
        "than 1 m 40 s.",
    ),
    "most have one event": (
        [(0, 0.3), (10, 0.05)],
        "At least one in ten last longer than 0 s.",
    ),
    "nearly all have one event": ([(0, 0.05)], "Less than one session in ten lasts longer"),
}


@pytest.mark.parametrize(("points", "said"), CURVES.values(), ids=CURVES)
def test_the_curve_says_how_long_half_of_the_sessions_go_on(points, said):
    frame = pl.DataFrame(points, schema=["seconds", "survival_rate"], orient="row")
    assert view.survival_note(frame).startswith(said)
