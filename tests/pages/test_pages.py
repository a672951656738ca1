"""Every page without a browser: full, empty, narrowed to nothing, and without a warehouse."""

from __future__ import annotations

from datetime import timedelta

import pytest

import warehouse
from pages.ui import filter_row
from pages.ui.header import NAVIGATION
from pages.views import active_now, user_list
from tests.pages.conftest import ODD_USER, texts
from tests.warehouse.small_builds import write_build
from warehouse.dimensions import BY_NAME, DIMENSIONS
from warehouse.metrics import data, users

OVERVIEW, ACTIVE, USERS = "app.py", "pages/active_now.py", "pages/users.py"
ALL = tuple(file for links in NAVIGATION.values() for _, file, _ in links)
# Those with a period.
DATED = tuple(file for file in ALL if file != ACTIVE)


def metrics(test):
    return {metric.label: metric for metric in test.metric}


def a_user(test):
    return str(test.dataframe[0].value.iloc[0]["user_id"])


@pytest.mark.parametrize("file", ALL)
def test_page_draws_frame_and_facts(open_page, home, file):
    test = open_page(file, home)
    assert len(test.title) == 1
    assert "as of **" in texts(test)
    assert "build 1" in texts(test)
    assert "UTC" in texts(test)


@pytest.mark.parametrize("file", ALL)
def test_page_without_a_build_says_what_to_do(open_page, empty_home, file):
    test = open_page(file, empty_home)
    assert len(test.title) == 1
    assert "No warehouse build" in texts(test)
    assert "dwell load" in texts(test)


@pytest.mark.parametrize("file", ALL)
def test_page_with_a_broken_pointer_says_what_to_do(open_page, broken_pointer, file):
    test = open_page(file, broken_pointer)
    assert "wh-000007.duckdb" in texts(test)
    assert "dwell build --full" in texts(test)


@pytest.mark.parametrize("file", ALL)
def test_page_with_a_broken_build_says_what_to_do(open_page, broken_file, file):
    test = open_page(file, broken_file)
    assert "dwell build --full" in texts(test)
    assert "Traceback" not in texts(test)


@pytest.mark.parametrize("file", DATED)
def test_range_outside_the_data_names_the_data_and_offers_its_last_days(open_page, home, file):
    test = open_page(file, home, **{"from": "2020-01-01", "to": "2020-01-03"})
    assert "No sessions from 1 to 3 Jan 2020: the data reaches from" in texts(test)
    test.button(key="show_last").click().run()
    assert "No sessions" not in texts(test)
    assert not test.query_params


@pytest.mark.parametrize("file", DATED)
def test_filters_that_match_nothing_are_named_and_can_be_cleared(open_page, home, file):
    test = open_page(file, home, device="bot", period="7")
    assert "No sessions match device bot" in texts(test)
    test.button(key="clear_filters").click().run()
    assert "No sessions" not in texts(test)
    assert test.query_params == {"period": "7"}


@pytest.mark.parametrize("file", ALL)
def test_build_without_sessions_says_what_to_do(open_page, tmp_path, file):
    write_build(tmp_path, [])
    test = open_page(file, tmp_path)
    assert "holds no sessions" in texts(test)
    assert "dwell load" in texts(test)


def test_times_are_of_the_reporting_zone(open_page, berlin_home):
    answer = texts(open_page(USERS, berlin_home, user=ODD_USER))
    assert "first seen **10 Mar 2026 23:30**" in answer
    assert "Europe/Berlin" in answer


def test_ids_of_the_data_are_never_markup(open_page, berlin_home):
    test = open_page(USERS, berlin_home, user=ODD_USER)
    assert test.subheader[0].value.startswith(r"\!\[x\]\(")


def test_unknown_values_in_the_address_are_said(open_page, home):
    test = open_page(OVERVIEW, home, period="5", source="webb")
    assert "Unknown period '5'. Known periods: 1, 7, 30, 90." in texts(test)
    assert "Unknown source 'webb'." in texts(test)
    assert test.segmented_control(key="period").value == "30"


@pytest.mark.parametrize("file", ALL)
@pytest.mark.parametrize(
    ("first", "last"),
    [("2026-03-01", "9999-12-31"), ("1969-07-20", "2026-12-31"), ("2026-03-01", "2201-01-01")],
)
def test_far_days_in_the_address_are_said(open_page, home, file, first, last):
    page = open_page(file, home, **{"from": first, "to": last})
    assert not page.exception
    if file != ACTIVE:
        assert "is no range of days" in page.warning[0].value


def test_overview_shows_five_cards_with_value_change_and_definition(open_page, home):
    cards = metrics(open_page(OVERVIEW, home))
    assert list(cards) == [
        "Sessions",
        "Users",
        "Median duration",
        "Average duration",
        "Bounce rate",
    ]
    assert int(cards["Sessions"].value.replace(",", "")) > 0
    assert cards["Bounce rate"].value.endswith(" %")
    assert all(card.help for card in cards.values())
    assert all(
        ":green[" in c.delta or ":red[" in c.delta or ":gray[" in c.delta for c in cards.values()
    )


def test_period_in_the_widget_moves_numbers_and_address(open_page, home):
    test = open_page(OVERVIEW, home)
    month = metrics(test)["Sessions"].value
    test.segmented_control(key="period").set_value("7").run()
    assert test.query_params == {"period": "7"}
    assert metrics(test)["Sessions"].value != month
    assert test.segmented_control(key="period").value == "7"


@pytest.fixture
def asked(monkeypatch):
    """The dimensions whose values a page asked for."""
    names = []
    values = data.values

    def counted(wh, filters, dimension, limit=1000):
        names.append(dimension)
        return values(wh, filters, dimension, limit)

    monkeypatch.setattr(filter_row.data, "values", counted)
    return names


def test_more_filters_ask_for_values_only_when_a_dimension_is_picked(open_page, home, asked):
    test = open_page(OVERVIEW, home)
    assert asked == []
    test.selectbox(key="more_dimension").set_value("browser").run()
    assert asked == ["browser"]
    browsers = test.multiselect(key="filter_browser")
    test.multiselect(key="filter_browser").set_value(browsers.options[:1]).run()
    assert test.query_params == {"browser": browsers.options[0]}
    assert test.button(key="chip_browser").label == f"Browser: {browsers.options[0]}"
    test.button(key="chip_browser").click().run()
    assert not test.query_params


@pytest.mark.parametrize(
    ("file", "dimension"),
    [
        *((OVERVIEW, dimension) for dimension in DIMENSIONS),
        *((file, BY_NAME["browser"]) for file in (ACTIVE, USERS)),
    ],
    ids=lambda case: getattr(case, "name", case),
)
def test_any_dimension_in_the_address_is_shown_and_leaves_sessions_out(
    open_page, home, file, dimension
):
    value = {"source": "web", "device_type": "mobile"}.get(dimension.name, "none of these")
    test = open_page(file, home, **{dimension.name: value})
    label = test.checkbox(key="filters_open").label
    assert f"{dimension.label.lower()}: {value}" in label
    if value == "none of these" and file != ACTIVE:
        assert f"No sessions match {dimension.label.lower()} {value}" in texts(test)


def test_breakdowns_add_up_to_the_sessions_shown(open_page, home):
    test = open_page(OVERVIEW, home)
    sessions = int(metrics(test)["Sessions"].value.replace(",", ""))
    assert len(test.dataframe) == 4
    for table in test.dataframe:
        assert table.value["session_count"].sum() == sessions
        assert table.value["session_rate"].sum() == pytest.approx(100)


def test_bots_chip_counts_what_is_left_out(open_page, home):
    test = open_page(OVERVIEW, home, period="90")
    without = int(metrics(test)["Sessions"].value.replace(",", ""))
    test.toggle(key="bots").set_value(True).run()
    assert test.query_params == {"period": "90", "bots": "1"}
    assert int(metrics(test)["Sessions"].value.replace(",", "")) > without


def test_active_now_never_speaks_of_now_when_the_data_is_old(open_page, home, monkeypatch):
    with warehouse.open(home) as wh:
        as_of = wh.as_of
    monkeypatch.setattr(active_now, "utc_now", lambda: as_of + timedelta(hours=3, minutes=12))
    old = texts(open_page(ACTIVE, home))
    assert "**Data is 3 h 12 m old**: this is who was active at" in old
    assert "Users in the 2 hours before, per 5 minutes" in old
    monkeypatch.setattr(active_now, "utc_now", lambda: as_of + timedelta(seconds=41))
    young = texts(open_page(ACTIVE, home))
    assert "41 s old." in young
    assert "Users in the last 2 hours, per 5 minutes" in young


def test_active_now_lists_every_open_session(open_page, home):
    test = open_page(ACTIVE, home)
    cards = metrics(test)
    assert int(cards["Open users"].value) >= int(cards["Live users"].value)
    assert len(test.dataframe[0].value) == int(cards["Open sessions"].value)


def test_users_are_searched_ordered_and_paged_by_the_warehouse(open_page, home, monkeypatch):
    monkeypatch.setattr(user_list, "PAGE_SIZE", 20)
    test = open_page(USERS, home, sort="session_count")
    counts = test.dataframe[0].value["session_count"].to_list()
    assert counts == sorted(counts, reverse=True)
    assert len(counts) == 20
    second = open_page(USERS, home, sort="session_count", page="2").dataframe[0].value
    assert set(second["user_id"]).isdisjoint(test.dataframe[0].value["user_id"])
    user = a_user(test)
    hits = open_page(USERS, home, q=user).dataframe[0].value
    assert user in set(hits["user_id"])
    assert all(user in name for name in hits["user_id"])


def test_search_without_hits_can_be_cleared(open_page, home):
    test = open_page(USERS, home, q="nobody of that name")
    assert "No user id contains 'nobody of that name'" in texts(test)


def test_a_user_opens_with_profile_sessions_and_events(open_page, home):
    user = a_user(open_page(USERS, home, sort="session_count"))
    test = open_page(USERS, home, user=user, period="1")
    assert "pattern: **" in texts(test)
    sessions, events = (table.value for table in test.dataframe)
    assert str(len(sessions)) == metrics(test)["Sessions"].value
    assert sessions["start_time"].is_monotonic_decreasing
    assert events["event_time"].is_monotonic_increasing


def test_a_session_opens_from_its_address(open_page, home):
    user = a_user(open_page(USERS, home, sort="session_count"))
    newest = open_page(USERS, home, user=user).dataframe[1].value
    session = _sessions_of(home, user)[-1]
    oldest = open_page(USERS, home, user=user, session=session).dataframe[1].value
    assert oldest["event_time"].max() < newest["event_time"].min()


def _sessions_of(home, user):
    with warehouse.open(home) as wh:
        return users.sessions(wh, user)["session_id"].to_list()


def test_typed_texts_are_hidden_until_switched_on(open_page, home):
    user = a_user(open_page(USERS, home, sort="session_count"))
    test = open_page(USERS, home, user=user)
    assert not test.toggle(key="toggle_texts").value


def test_unknown_user_and_unknown_session_are_said(open_page, home):
    assert "No user 'nobody'" in texts(open_page(USERS, home, user="nobody"))
    user = a_user(open_page(USERS, home))
    test = open_page(USERS, home, user=user, session="none")
    assert "This user has no session 'none'" in texts(test)
