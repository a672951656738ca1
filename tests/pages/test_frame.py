"""The frame of the pages without a browser: comparison, grain, cards and build of the address."""

from __future__ import annotations

import json
import shutil
from datetime import date

import pytest
import streamlit as st

import warehouse
from pages.ui import format
from pages.ui.grains import usual
from tests.pages.conftest import UNTIL, texts
from tests.pages.seen import cards
from tests.warehouse.small_builds import session, write_build
from warehouse import Filters
from warehouse.conditions import conditions_of
from warehouse.metrics import overview
from warehouse.metrics.registry import BY_NAME
from warehouse.segments import save_segment

OVERVIEW, ACTIVE, USERS = "app.py", "pages/active_now.py", "pages/users.py"
TODAY = UNTIL.date()
MONTH = Filters.last_days(30, TODAY)
WEEK = Filters.last_days(7, TODAY)
OTHER = Filters(date(2026, 10, 20), date(2026, 10, 26))
# Address → filters, comparison, grain and metric, as the warehouse knows them.
VIEWS = {
    "as it opens": ({}, MONTH, "weekday", "day", "session_count"),
    "nothing, by week": (
        {"compare": "none", "grain": "week"},
        *(MONTH, "none", "week", "session_count"),
    ),
    "the days before": (
        {"period": "7", "compare": "previous", "metric": "bounce"},
        *(WEEK, "previous", "day", "bounce_rate"),
    ),
    "other days": (
        {"period": "7", "compare": "2026-10-20..2026-10-26"},
        *(WEEK, OTHER, "day", "session_count"),
    ),
    "a year before, twelve months by week": (
        {"period": "12m", "compare": "year"},
        *(Filters(date(2025, 11, 21), TODAY), "year", "week", "session_count"),
    ),
    "all time by month": (
        {"period": "all", "grain": "month", "metric": "median"},
        *(None, "weekday", "month", "median_duration_seconds"),
    ),
}


def lines(test):
    """The lines of the trend by their names: what they show at each point of time."""
    [sent] = [plot.proto for plot in test.get("plotly_chart") if "trend" in plot.proto.id]
    return {
        line["name"]: dict(zip(line["x"], line["y"], strict=True))
        for line in json.loads(sent.spec)["data"]
        if line["name"] != "normal"
    }


@pytest.mark.parametrize(
    ("address", "filters", "compare", "grain", "metric"), VIEWS.values(), ids=VIEWS
)
def test_numbers_on_screen_are_those_of_the_view_in_the_address(
    open_page, home, address, filters, compare, grain, metric
):
    test = open_page(OVERVIEW, home, **address)
    with warehouse.open(home) as wh:
        filters = filters or Filters(
            wh.sql("select min(start_date) from user_sessions").fetchall()[0][0], TODAY
        )
        changes = overview.change(wh, filters, compare)
        told = overview.series(wh, filters, metric, grain, compare)
    row = changes.row(0, named=True)
    card = cards(test)["Sessions"]
    assert card.value == format.count(row["value"])
    if row["is_covered"]:
        wanted = f"{format.count(row['current'])} against {format.count(row['previous'])}"
        assert card.numbers == wanted
        assert card.change.endswith(f", {format.amount(row['difference'], 'count')}")
    else:
        assert card.change == ""
    drawn = lines(test)
    colour = next(line for name, line in drawn.items() if name == BY_NAME[metric].label)
    whole = told.filter("is_complete")
    for start, value in whole.select("period_start", "value").iter_rows():
        assert colour[start.isoformat()] == value
    grey = [
        line for name, line in drawn.items() if name in ("previous", "year before", "other days")
    ]
    assert len(grey) == bool(row["is_covered"] and row["previous"])
    for line in grey:
        assert list(line.values()) == told["previous_value"].to_list()


def test_the_comparison_is_chosen_and_written(open_page, home):
    test = open_page(OVERVIEW, home, period="7")
    test.radio(key="compare").set_value("previous").run()
    assert test.query_params == {"period": "7", "compare": "previous"}
    test.radio(key="compare").set_value("none").run()
    assert "Not compared." in texts(test)
    assert {card.change for card in cards(test).values()} == {""}
    test.radio(key="compare").set_value("weekday").run()
    assert test.query_params == {"period": "7"}


@pytest.mark.parametrize(
    ("compare", "days"),
    [
        ("previous", "2026-09-22..2026-10-21"),
        ("weekday", "2026-09-17..2026-10-16"),
        ("year", "2025-10-22..2025-11-20"),
    ],
)
def test_other_days_begin_as_those_compared_so_far(open_page, home, compare, days):
    test = open_page(OVERVIEW, home, period="30", compare=compare)
    test.radio(key="compare").set_value("custom").run()
    assert test.query_params["compare"] == days


def test_the_grain_is_chosen_and_written_unless_it_is_the_usual_one(open_page, home):
    test = open_page(OVERVIEW, home)
    test.segmented_control(key="grain").set_value("week").run()
    assert test.query_params == {"grain": "week"}
    assert "Sessions per week" in texts(test)
    assert "not complete" in lines(test)
    test.toggle(key="complete").set_value(True).run()
    assert test.query_params == {"grain": "week", "complete": "1"}
    assert "not complete" not in lines(test)
    test.segmented_control(key="grain").set_value("day").run()
    assert test.query_params == {"complete": "1"}
    assert TODAY.isoformat() not in lines(test)["Sessions"]


@pytest.mark.parametrize(
    ("days", "grain"), [(1, "day"), (90, "day"), (91, "week"), (731, "week"), (732, "month")]
)
def test_a_longer_period_is_told_in_longer_parts(days, grain):
    assert usual(Filters.last_days(days, TODAY)) == grain


def test_cards_are_chosen_and_written(open_page, home):
    test = open_page(OVERVIEW, home)
    test.pills(key="own_cards").set_value(["errors", "sessions", "new"]).run()
    assert test.query_params == {"cards": "sessions,new,errors"}
    assert list(cards(test)) == ["Sessions", "New users", "Error rate"]
    with warehouse.open(home) as wh:
        count = overview.totals(wh, MONTH)["new_user_count"].item()
    assert cards(test)["New users"].value == format.count(count)
    test.pills(key="own_cards").set_value([]).run()
    assert not test.query_params
    assert list(cards(open_page(OVERVIEW, home, cards="p90,nonsense"))) == [
        "90th percentile duration"
    ]


def test_a_product_without_queries_has_no_card_of_abandonment(open_page, tmp_path):
    write_build(tmp_path, [session("ann")])
    assert "Abandonment rate" not in cards(open_page(OVERVIEW, tmp_path))
    assert "Abandonment rate" in cards(open_page(OVERVIEW, tmp_path, cards="abandonment"))


def build(home, number, sessions):
    write_build(home, [session(f"user {at}") for at in range(sessions)], build=number)


@pytest.fixture
def two_builds(tmp_path):
    """A home with build 1 of one session, and build 2 of three, the current one."""
    build(tmp_path, 1, 1)
    build(tmp_path, 2, 3)
    return tmp_path


@pytest.mark.parametrize("file", [OVERVIEW, ACTIVE, USERS, "pages/engagement.py"])
def test_a_page_reads_the_build_of_its_address(open_page, two_builds, file):
    test = open_page(file, two_builds, build="1")
    assert "build 1" in texts(test)
    test.button(key="show_current").click().run()
    assert not test.query_params
    assert "build 2" in texts(test)


@pytest.mark.parametrize("file", [OVERVIEW, ACTIVE, USERS, "pages/engagement.py"])
def test_a_build_that_is_gone_is_said_and_the_current_one_offered(open_page, two_builds, file):
    test = open_page(file, two_builds, build="42", period="7")
    assert "No build 42" in texts(test)
    assert "Builds kept: 1, 2." in texts(test)
    test.button(key="show_current").click().run()
    assert test.query_params == {"period": "7"}
    assert "build 2" in texts(test)


def test_a_build_that_is_gone_leaves_the_segments_of_the_address(open_page, tmp_path):
    write_build(tmp_path, [session("ann", os="Zen"), session("ben", os="Other")])
    save_segment(tmp_path, "Mine", [conditions_of({"os": "Zen"})])
    test = open_page(OVERVIEW, tmp_path, segment="mine", build="42")
    assert not test.warning
    ways = [link.proto.query_string for link in test.get("page_link")]
    assert set(ways) == {"segment=mine"}
    test.button(key="show_current").click().run()
    assert test.query_params == {"segment": "mine"}
    assert cards(test)["Sessions"].value == "1"
    test = open_page(OVERVIEW, tmp_path, segment="gone", build="42")
    assert "Unknown segment 'gone'" in texts(test)


def test_a_property_that_the_build_of_the_address_lacks_is_said_and_kept(open_page, two_builds):
    test = open_page(OVERVIEW, two_builds, plan="pro", build="1")
    assert "This build has no property 'plan': it leaves no session out." in texts(test)
    test.button(key="show_current").click().run()
    assert test.query_params == {"plan": "pro"}


def test_numbers_stay_those_of_the_build_shown_until_the_newer_one_is_taken(open_page, tmp_path):
    build(tmp_path, 1, 1)
    test = open_page(OVERVIEW, tmp_path)
    assert cards(test)["Sessions"].value == "1"
    build(tmp_path, 2, 3)
    test.segmented_control(key="period").set_value("7").run()
    assert (cards(test)["Sessions"].value, "build 1" in texts(test)) == ("1", True)
    assert test.button(key="take_build").label == "Build 2 is there. Reload"
    test.switch_page("pages/active_now.py").run()
    assert "build 2" in texts(test)
    test.switch_page("app.py").run()
    assert cards(test)["Sessions"].value == "1"
    test.button(key="take_build").click().run()
    assert (cards(test)["Sessions"].value, "build 2" in texts(test)) == ("3", True)
    assert "take_build" not in [button.key for button in test.button]


def test_a_page_goes_on_with_the_current_build_when_its_own_was_swept(open_page, tmp_path):
    build(tmp_path, 1, 1)
    test = open_page(OVERVIEW, tmp_path)
    build(tmp_path, 2, 3)
    shutil.move(tmp_path / "builds" / "wh-000001.duckdb", tmp_path / "swept")
    st.cache_resource.clear()
    test.run()
    assert (cards(test)["Sessions"].value, "build 2" in texts(test)) == ("3", True)
