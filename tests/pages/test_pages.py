"""Every page without a browser: full, empty, narrowed to nothing, and without a warehouse."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs

import pytest

import warehouse
from pages.ui import filter_row, format
from pages.ui.header import NAVIGATION
from pages.views import active_now, user_list, user_sessions
from tests.pages.conftest import ODD_USER, texts
from tests.pages.seen import bodies, cards, links, tables
from tests.search import IS_SEARCH
from tests.warehouse.small_builds import write_build
from warehouse.dimensions import BY_NAME, DIMENSIONS, GROUPS
from warehouse.metrics import data, overview

ROOT = Path(__file__).parents[2]
LAST = {"Other", "(not known)"}
OVERVIEW, ACTIVE, USERS = "app.py", "pages/active_now.py", "pages/users.py"
HEALTH, DEFINITIONS = "pages/data_health.py", "pages/definitions.py"
ALL = tuple(file for links in NAVIGATION.values() for _, file, _ in links)
# Those with a period.
DATED = tuple(file for file in ALL if file not in (ACTIVE, HEALTH, DEFINITIONS))


def metrics(test):
    return cards(test)


def number(text):
    return float(text.replace(",", "").removesuffix(" %").replace("\u2013", "-1"))


def a_user(test):
    return tables(test)[0][0]["User"]


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


@pytest.mark.parametrize("file", ALL)
def test_failed_loads_open_file_time_and_message(open_page, failed_home, file):
    test = open_page(file, failed_home)
    (badge,) = [one for one in test.get("popover") if "failed" in one.proto.popover.label]
    assert badge.proto.popover.label == ":red[\u25cf 1 load failed]"
    file_and_time = badge.markdown[0].value.replace("\\", "")
    assert file_and_time.startswith("**absent.csv** \u00b7 ")
    assert f" {datetime.now(UTC).year} " in file_and_time
    assert "absent.csv matches no file." in badge.caption[0].value.replace("\\", "")


def test_without_a_failed_load_there_is_no_badge(open_page, home):
    assert "failed" not in str(open_page(OVERVIEW, home).get("popover"))


def test_times_are_of_the_reporting_zone(open_page, berlin_home):
    answer = texts(open_page(USERS, berlin_home, user=ODD_USER))
    assert "first seen **10 Mar 2026 23:30**" in answer
    assert "Europe/Berlin" in answer


def test_ids_of_the_data_are_never_markup(open_page, berlin_home):
    test = open_page(USERS, berlin_home, user=ODD_USER)
    assert test.subheader[0].value.startswith(r"\!\[x\]\(")


@pytest.mark.parametrize(
    ("file", "params", "sentence"),
    [
        ("app.py", {"metric": "bouncee"}, "Metric of the chart: 'bouncee'. Did you mean 'bounce'?"),
        ("app.py", {"cards": "users,zzz"}, "'zzz'. Known: "),
        ("pages/breakdowns.py", {"by": "browsers"}, "'browsers'. Did you mean 'browser'?"),
        ("pages/breakdowns.py", {"across": "devices"}, "'devices'. Did you mean 'device_type'?"),
        ("pages/breakdowns.py", {"metrics": "user_counts"}, "Did you mean 'user_count'?"),
        ("pages/llm_chat.py", {"by": "modell"}, "By: 'modell'. Did you mean 'model'?"),
        ("pages/engagement.py", {"of": "engage"}, "'engage'. Did you mean 'engaged'?"),
    ],
)
def test_a_choice_that_there_is_not_is_said(open_page, home, file, params, sentence):
    test = open_page(file, home, **params)
    (warning,) = [each.value for each in test.warning]
    assert sentence in warning.replace("\\", "")


def test_unknown_values_in_the_address_are_said(open_page, home):
    test = open_page(OVERVIEW, home, period="5", source="webb")
    assert "Unknown period '5'. Known periods: 1, yesterday, 7, 30, 90, 12m, all." in texts(test)
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


def test_overview_shows_cards_with_value_change_and_definition(open_page, home):
    cards = metrics(open_page(OVERVIEW, home, period="7"))
    assert list(cards) == [
        *("Sessions", "Users", "Median duration", "Average duration", "Engaged time"),
        *("Bounce rate", "Abandonment rate"),
    ]
    assert int(cards["Sessions"].value.replace(",", "")) > 0
    assert cards["Bounce rate"].value.endswith(" %")
    assert all(card.help for card in cards.values())
    assert all(card.change for card in cards.values())
    assert re.fullmatch(r"[\d,]+ against [\d,]+", cards["Sessions"].numbers)


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
    browser = test.pills(key="filter_browser").options[0]
    test.pills(key="filter_browser").set_value([browser]).run()
    assert test.query_params == {"browser": browser}
    assert test.button(key="chip_browser").label == f"Browser: {browser}"
    test.button(key="chip_browser").click().run()
    assert not test.query_params


@pytest.mark.parametrize(
    ("file", "dimension"),
    [
        *((OVERVIEW, dimension) for dimension in (DIMENSIONS if IS_SEARCH else DIMENSIONS[::3])),
        *((file, BY_NAME["browser"]) for file in (ACTIVE, USERS)),
    ],
    ids=lambda case: getattr(case, "name", case),
)
def test_any_dimension_in_the_address_is_shown_and_leaves_sessions_out(
    open_page, home, file, dimension
):
    # "mobile" and "true" are had by some, the others by none.
    value = dimension.values[1] if dimension.values else "none of these"
    value = {"source": "web", "hour": "77", "weekday": "77"}.get(dimension.name, value)
    test = open_page(file, home, **{dimension.name: value})
    label = test.checkbox(key="filters_open").label
    assert f"{dimension.label.lower()}: {format.plain(value)}" in label
    if value in ("none of these", "77") and file != ACTIVE:
        assert f"No sessions match {dimension.label.lower()} {value}" in texts(test)


@pytest.mark.parametrize(
    ("address", "chosen", "where"),
    [
        ({"browser!": "Firefox"}, "browser: not Firefox", {"browser": "!= Firefox"}),
        ({"entry_page": "/*"}, "entry page: /*", {"entry_page": "/*"}),
        ({"duration_seconds>": "60"}, "in seconds: >= 60", {"duration_seconds": ">= 60"}),
        ({"device_type!": "mobile"}, "device: not mobile", {"device_type": "!= mobile"}),
    ],
    ids=lambda case: next(iter(case)) if isinstance(case, dict) else "",
)
def test_numbers_on_screen_are_those_of_the_conditions_in_the_address(
    open_page, home, address, chosen, where
):
    test = open_page(OVERVIEW, home, **address)
    assert chosen in test.checkbox(key="filters_open").label.replace("\\", "")
    with warehouse.open(home) as wh:
        filters = warehouse.Filters.last_days(30, wh.as_of_date, where=where)
        count = overview.totals(wh, filters)["session_count"].item()
    assert metrics(test)["Sessions"].value == f"{count:,}"


def test_the_sql_beside_a_number_is_the_one_that_ran(open_page, home):
    test = open_page(OVERVIEW, home, **{"browser!": "Firefox"})
    shown = [code.value for code in test.code if code.language == "sql"]
    # Cards, trend, and a breakdown by the first dimension of each card.
    assert all("not (coalesce(browser, '') in $browser_not)" in text for text in shown)
    for dimension in ("entry_page", "device_type", "entry_source"):
        assert sum(f"{dimension}::varchar as dimension_value" in text for text in shown) == 1
    assert "`$browser_not` = ['Firefox']" in texts(test)


def test_a_dimension_is_turned_from_is_to_is_not(open_page, home):
    test = open_page(OVERVIEW, home, browser="Firefox")
    test.selectbox(key="more_dimension").set_value("browser").run()
    test.segmented_control(key="mode_browser").set_value("is not").run()
    assert test.query_params == {"browser!": "Firefox"}
    test.segmented_control(key="mode_browser").set_value("is").run()
    assert test.query_params == {"browser": "Firefox"}


def test_pages_are_chosen_by_how_they_begin_and_numbers_by_a_range(open_page, home):
    test = open_page(OVERVIEW, home)
    test.selectbox(key="more_dimension").set_value("entry_page").run()
    test.multiselect(key="filter_entry_page").set_value(["/*"]).run()
    assert test.query_params == {"entry_page": "/*"}
    test.selectbox(key="more_dimension").set_value("event_count").run()
    test.number_input(key="low_event_count").set_value(2.0).run()
    test.number_input(key="high_event_count").set_value(50.0).run()
    assert test.query_params == {"entry_page": "/*", "event_count": "2..50"}
    test.number_input(key="low_event_count").set_value(60.0).run()
    assert test.query_params == {"entry_page": "/*", "event_count": "2..50"}


def test_breakdowns_add_up_to_the_sessions_shown(open_page, home):
    test = open_page(OVERVIEW, home, tab_what="model_group")
    sessions = int(metrics(test)["Sessions"].value.replace(",", ""))
    assert len(tables(test)) == len(GROUPS)
    for table in tables(test):
        assert sum(number(row["Sessions"]) for row in table) == sessions
        assert sum(number(row["Share"]) for row in table) == pytest.approx(100, abs=0.6)
        names = [row[next(iter(row))] for row in table]
        assert [name for name in names if name in LAST] == names[len(set(names) - LAST) :]


def test_a_row_of_a_breakdown_leads_to_its_sessions_and_keeps_the_filters(open_page, home):
    test = open_page(OVERVIEW, home, period="90", browser="Firefox", sort_device_type="value")
    table = next(body for body in bodies(test) if "Sessions by entry page" in body)
    page, address = next(
        (words, address) for words, address in links(table).items() if words.startswith("/")
    )
    asked = parse_qs(address.removeprefix("?"))
    assert asked == {
        **{"period": ["90"], "browser": ["Firefox"], "sort_device_type": ["value"]},
        "entry_page": [page],
    }
    counted = next(row for row in tables(test)[0] if row["Entry page"] == page)["Sessions"]
    narrowed = open_page(OVERVIEW, home, **{name: given[0] for name, given in asked.items()})
    assert metrics(narrowed)["Sessions"].value == counted
    assert "Other" not in links(table)


def test_a_breakdown_is_ordered_by_the_address_and_the_others_are_not(open_page, home):
    first, second, *_ = tables(open_page(OVERVIEW, home, sort_entry_page="bounce_rate"))
    rates = [number(row["Bounce"]) for row in first if row["Entry page"] not in LAST]
    assert rates == sorted(rates, reverse=True)
    counts = [number(row["Sessions"]) for row in second if row["Source of entry"] not in LAST]
    assert counts == sorted(counts, reverse=True)


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
    assert len(tables(test)[0]) == int(cards["Open sessions"].value)


def test_open_sessions_are_ordered_as_a_whole_and_then_paged(open_page, home, monkeypatch):
    monkeypatch.setattr(active_now, "PAGE_SIZE", 2)
    ordered = open_page(ACTIVE, home, sort="action_count", order="down", device="mobile")
    counts = [number(row["Actions"]) for row in tables(ordered)[0]]
    assert counts == sorted(counts, reverse=True)
    address = links(next(body for body in bodies(ordered) if "<table>" in body))
    assert address["Silent for"] == "?device=mobile&order=down"
    assert "sessions?device_type=mobile&session=" in address[tables(ordered)[0][0]["User"]]


def test_users_are_searched_ordered_and_paged_by_the_warehouse(open_page, home, monkeypatch):
    monkeypatch.setattr(user_list, "PAGE_SIZE", 20)
    first = tables(open_page(USERS, home, sort="session_count"))[0]
    counts = [number(row["Sessions"]) for row in first]
    assert counts == sorted(counts, reverse=True)
    assert len(counts) == 20
    second = tables(open_page(USERS, home, sort="session_count", page="2"))[0]
    assert {row["User"] for row in second}.isdisjoint(row["User"] for row in first)
    user = first[0]["User"]
    hits = [row["User"] for row in tables(open_page(USERS, home, q=user))[0]]
    assert user in hits
    assert all(user in name for name in hits)


def test_heads_of_the_list_order_it_and_keep_the_filters(open_page, home):
    test = open_page(USERS, home, sort="session_count", device="mobile", page="2", q="u")
    heads = links(next(body for body in bodies(test) if "<table>" in body))
    kept = "?device=mobile&q=u"
    assert heads["Sessions"] == f"{kept}&sort=session_count&order=up"
    assert heads["Errors"] == f"{kept}&sort=error_count"
    assert heads["User"] == f"{kept}&sort=user_id&order=up"
    assert heads["Last seen"] == kept


def test_search_without_hits_can_be_cleared(open_page, home):
    test = open_page(USERS, home, q="nobody of that name")
    assert "No user id contains 'nobody of that name'" in texts(test)


def test_a_user_opens_with_profile_and_all_sessions(open_page, home, monkeypatch):
    monkeypatch.setattr(user_sessions, "PAGE_SIZE", 10)
    user = a_user(open_page(USERS, home, sort="session_count"))
    shown = []
    total = None
    while total is None or len(shown) < total:
        part = str(len(shown) // 10 + 1)
        test = open_page(USERS, home, user=user, period="1", part=part)
        assert "pattern: **" in texts(test)
        total = int(metrics(test)["Sessions"].value)
        shown += tables(test)[0]
    assert len(shown) == total > 10
    assert all(moment(one) >= moment(two) for one, two in pairwise(shown))


def moment(row):
    return datetime.strptime(row["Start"], "%d %b %Y %H:%M")  # noqa: DTZ007


def test_the_page_of_a_user_has_no_filters_which_do_not_apply(open_page, home):
    test = open_page(USERS, home, period="7")
    assert test.checkbox(key="filters_open")
    test = open_page(USERS, home, user=a_user(test), period="7")
    assert not test.checkbox


def test_unknown_user_and_unknown_session_are_said(open_page, home):
    assert "No user 'nobody'" in texts(open_page(USERS, home, user="nobody"))
    user = a_user(open_page(USERS, home))
    test = open_page(USERS, home, user=user, session="none", event="nothing")
    assert "This user has no session 'none'" in texts(test)
    assert "Sessions with an event: 'nothing'." in texts(test)
