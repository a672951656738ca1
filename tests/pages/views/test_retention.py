"""Retention without a browser: what it shows is what the metrics say, whatever is asked."""

from __future__ import annotations

import json
from datetime import date

import polars as pl
import pytest

import warehouse
from pages.ui import format
from pages.views import retention as view
from tests.pages.conftest import UNTIL, load, texts
from tests.pages.seen import bodies, links, tables
from warehouse import Filters
from warehouse.metrics import lifecycle, retention, stickiness

PAGE = "pages/retention.py"
TODAY = UNTIL.date()
MONTH = Filters.last_days(30, TODAY)
# Address → what the metrics are asked.
CHOICES = {
    "as it opens": ({}, MONTH, {}),
    "by day, or later": (
        {"period": "7", "per": "day", "kind": "on_or_after"},
        Filters.last_days(7, TODAY),
        {"period": "day", "kind": "on_or_after"},
    ),
    "brackets of 24 hours, on mobiles": (
        {"device_type": "mobile", "kind": "bracket", "brackets": "0, 1-2", "clock": "24h"},
        Filters.last_days(30, TODAY, devices=["mobile"]),
        {"kind": "bracket", "brackets": ((0, 0), (1, 2)), "clock": "24h"},
    ),
    "each week, with steps, of persons": (
        {"entry": "recurring", "start": "page_view", "back": "click", "identity": "person"},
        MONTH,
        {"entry": "recurring", "start": "page_view", "back": "click", "identity": "person"},
    ),
}
each_choice = pytest.mark.parametrize(
    ("address", "filters", "asked"), CHOICES.values(), ids=CHOICES
)


@pytest.fixture(scope="module")
def wh(home):
    with warehouse.open(home) as opened:
        yield opened


def triangle(test):
    """The rows of the cohorts, by the names of the columns."""
    [rows] = [rows for rows in tables(test) if "Week from" in rows[0] or "Day" in rows[0]]
    return rows


def chart(test, key):
    """The figure of a section, as it is sent to the browser."""
    [sent] = [plot.proto for plot in test.get("plotly_chart") if f"chart_{key}" in plot.proto.id]
    return json.loads(sent.spec)


@each_choice
def test_cells_and_means_are_what_the_metrics_say(open_page, home, wh, address, filters, asked):
    test = open_page(PAGE, home, **address)
    mean, *rows = triangle(test)
    frame = retention.matrix(wh, filters, **asked)
    cohorts = frame.partition_by("cohort_start", maintain_order=True)
    assert len(rows) == len(cohorts)
    for row, cells in zip(rows, cohorts, strict=True):
        name, size, *shares = row.values()
        assert name == format.day(cells["cohort_start"][0])
        assert size == format.count(cells["cohort_size"][0])
        wanted = [format.share(rate) for rate in cells["retention_rate"]]
        assert [share for share in shares if share] == wanted
    curve = retention.curve(wh, filters, **asked)
    told = [text.partition(" %")[0] + " %" for text in list(mean.values())[2:] if "%" in text]
    assert told == [format.share(rate) for rate in curve["retention_rate"]]


def test_counts_stand_in_the_cells_when_they_are_wanted(open_page, home, wh):
    test = open_page(PAGE, home, cells="count")
    frame = retention.matrix(wh, MONTH)
    first = frame.filter(pl.col("cohort_start") == frame["cohort_start"][0])
    counts = [text for text in list(triangle(test)[1].values())[2:] if text]
    assert counts == [format.count(count) for count in first["user_count"]]


def test_the_sentence_holds_the_users_of_the_cohorts_that_are_old_enough(open_page, home, wh):
    said = texts(open_page(PAGE, home))
    frame = retention.matrix(wh, MONTH)
    old = frame.filter(pl.col("is_complete") & (pl.col("period_number") == 1))
    mean = retention.curve(wh, MONTH).row(1, named=True)
    assert f"Of {format.count(old['cohort_size'].sum())} users who came first" in said
    assert f"**{format.share(mean['retention_rate'])}** were back in week 1" in said


def test_incomplete_cells_are_hatched_and_say_so(open_page, home, wh):
    [body] = [
        body for body in bodies(open_page(PAGE, home)) if "dwell-table dwell-triangle" in body
    ]
    frame = retention.matrix(wh, MONTH)
    assert body.count("dwell-hatched") == (~frame["is_complete"]).sum()
    assert body.count("so far, not complete") == 2 * (~frame["is_complete"]).sum()


def test_a_cell_leads_to_its_users_and_back(open_page, home, wh):
    test = open_page(PAGE, home)
    frame = retention.matrix(wh, MONTH)
    cell = frame.filter(pl.col("period_number") == 1).row(0, named=True)
    [body] = [body for body in bodies(test) if "dwell-table dwell-triangle" in body]
    number = f"entered={cell['cohort_start']}&nth=1"
    assert [address for address in links(body).values() if number in address]
    opened = open_page(PAGE, home, entered=str(cell["cohort_start"]), nth="1")
    users = retention.users(wh, MONTH, cell["cohort_start"], 1)
    assert users["person_id"].n_unique() == cell["user_count"]
    [shown] = [rows for rows in tables(opened) if "Entered" in rows[0]]
    assert [row["User"] for row in shown] == users["user_id"].to_list()
    opened.segmented_control(key="own_outcome").set_value("away").run()
    away = retention.users(wh, MONTH, cell["cohort_start"], 1, "away")
    assert f"{format.plural(away.height, 'user')} of the cohort were not back" in texts(opened)
    opened.button(key="close_cell").click().run()
    assert opened.query_params == {}


@pytest.mark.parametrize(
    "address", [{"entered": "2026-13-01", "nth": "1"}, {"entered": "2026-11-02", "nth": "-1"}]
)
def test_an_address_of_no_cell_shows_none(open_page, home, address):
    heads = [head.value for head in open_page(PAGE, home, **address).subheader]
    assert not [head for head in heads if head.startswith("Cohort of")]


# Case: address, and what is said of it.
UNREAD = {
    "a step": ({"start": "a[b"}, "Starts with: 'a[b' is no step"),
    "brackets": ({"kind": "bracket", "brackets": "7-1"}, "Brackets: '7-1' are no brackets"),
    "a kind": ({"kind": "exakt"}, "'exakt'. Did you mean 'exact'?"),
}


@pytest.mark.parametrize(("address", "said"), UNREAD.values(), ids=UNREAD)
def test_what_cannot_be_read_is_as_usual_and_said(open_page, home, address, said):
    test = open_page(PAGE, home, **address)
    assert said in texts(test)
    assert triangle(test)


def test_charts_and_lifecycle_are_what_the_metrics_say(open_page, home, wh):
    test = open_page(PAGE, home, of="month", by="browser")
    curve = retention.curve(wh, MONTH)
    drawn = chart(test, "curve")["data"][-1]
    assert len(drawn["x"]) == curve.height - 1
    parts = lifecycle.counts(wh, MONTH)
    bars = {bar["name"]: bar for bar in chart(test, "lifecycle")["data"]}
    assert list(bars) == ["Returning", "Resurrected", "New", "Dormant"]
    for row, dormant in zip(parts["dormant_count"], bars["Dormant"]["customdata"], strict=True):
        assert format.count(row) in dormant
    days = stickiness.days_active(wh, MONTH, "month")
    assert len(chart(test, "days_active")["data"][0]["x"]) == 28
    assert format.count(days["user_count"][0]) in chart(test, "days_active")["data"][0][
        "customdata"
    ][0].replace("<b>", "")
    assert len(chart(test, "by_value")["data"]) == len(
        retention.by(wh, MONTH, "browser", 5).select("value", "is_other").unique()
    )
    assert len(chart(test, "ratios")["data"]) == 2


def test_each_section_tells_how_it_is_counted_and_each_chart_what_it_is(open_page, home):
    test = open_page(PAGE, home)
    assert [head.value for head in test.subheader] == [
        "Who comes back, by week of entry",
        "Share of users who are back",
        "Back on day 1, 7 and 30, by week of entry",
        "Share of users who are back, by device",
        "Users per week: new, returning, resurrected, dormant",
        "Share of a month's and a week's users that a day has",
        "Users by days active, L7",
    ]
    queries = [caption.value for caption in test.caption if caption.value.startswith("SQL of")]
    assert len(queries) == len(test.subheader)
    assert len(test.get("download_button")) == 2 * len(test.subheader)
    plots = test.get("plotly_chart")
    assert len(plots) == 6
    assert all(plot.proto.alt for plot in plots)


def test_where_nobody_came_first_it_is_said_why(open_page, tmp_path):
    times = ["2026-01-05T12:00:00Z", "2026-03-10T12:00:00Z"]
    rows = "\n".join(["user_id,time,event", *(f"u,{time},click" for time in times)])
    (tmp_path / "events.csv").write_text(rows)
    load(tmp_path / "home", tmp_path / "events.csv")
    said = texts(open_page(PAGE, tmp_path / "home"))
    assert "None of these users came first on these days" in said
    started = texts(open_page(PAGE, tmp_path / "home", start="signup"))
    assert "Nobody entered with signup on these days" in started
    young = texts(open_page(PAGE, tmp_path / "home", entry="recurring"))
    assert "None is old enough yet to tell who is back in week 1" in young


def test_more_cohorts_than_a_table_holds_are_in_the_file(monkeypatch, open_page, home):
    monkeypatch.setattr(view, "MOST_ROWS", 2)
    test = open_page(PAGE, home)
    assert len(triangle(test)) == 3
    assert "the newest 2 of" in texts(test)


def test_a_cohort_is_called_by_its_day_or_month():
    from pages.ui.retention_asked import Asked

    asked = Asked("month", "exact", "calendar", "first", None, None, None, "user_id")
    assert view.cohort_name(date(2026, 11, 1), asked) == "Nov 2026"
