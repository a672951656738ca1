"""The page of sessions, and the ways that lead to it."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs

import pytest

import warehouse
from pages.ui.exports import csv_of
from pages.views import session_list
from tests.pages.conftest import texts
from tests.pages.opened import opened_csv
from tests.pages.seen import bodies, cards, links, tables
from warehouse.filters import Filters
from warehouse.metrics import overview, sessions, users

SESSIONS, OVERVIEW, USERS = "pages/sessions.py", "app.py", "pages/users.py"


def head(test):
    return test.subheader[0].value


def count_of(text):
    return int(re.search(r"[\d,]+", text)[0].replace(",", ""))


def test_the_head_counts_the_rows_and_the_sessions_of_the_overview(open_page, home):
    test = open_page(SESSIONS, home, browser="Firefox", period="7", exit_page="/*")
    with warehouse.open(home) as wh:
        where = {"browser": "Firefox", "exit_page": "/*"}
        filters = Filters.last_days(7, wh.as_of_date, where=where)
        count = overview.totals(wh, filters)["session_count"].item()
    assert head(test) == f"{count} sessions"
    assert len(tables(test)[0]) == count > 0


def test_sessions_are_ordered_and_paged_as_a_whole(open_page, home, monkeypatch):
    monkeypatch.setattr(session_list, "PAGE_SIZE", 20)
    asked = {"sort": "action_count", "page": "3", "device": "mobile"}
    test = open_page(SESSIONS, home, **asked)
    shown = [int(row["Actions"]) for row in tables(test)[0]]
    with warehouse.open(home) as wh:
        filters = Filters.last_days(30, wh.as_of_date, devices=("mobile",))
        rows = sessions.search(wh, filters, limit=None)
        kept = wh.sql("from user_sessions").pl().filter(device_type="mobile", is_bot=False)
        kept = kept.filter(kept["start_date"].is_between(filters.start, filters.end))
    every = sorted(kept["action_count"], reverse=True)
    assert shown == every[40:60]
    assert rows.height == len(every) == count_of(head(test))
    heads = links(next(body for body in bodies(test) if "<table>" in body))
    assert heads["Actions"] == "?device=mobile&sort=action_count&order=up"
    assert heads["User"] == "?device=mobile&sort=user_id&order=up"


def test_a_row_opens_its_session_on_the_page_of_its_user(open_page, home):
    test = open_page(SESSIONS, home, sort="duration_seconds", browser="Firefox")
    body = next(body for body in bodies(test) if "<table>" in body)
    first = tables(test)[0][0]
    page, _, query = links(body)[first["Start"]].partition("?")
    asked = {name: value for name, (value,) in parse_qs(query).items()}
    assert page == "users"
    assert asked["browser"] == "Firefox"
    assert asked["user"] == first["User"]
    opened = "".join(bodies(open_page(USERS, home, **asked)))
    marked = re.search(r'dwell-visit dwell-chosen" href="[^"]*session=([^"&]*)', opened)
    assert marked[1] == asked["session"]


def test_any_columns_are_chosen_and_written_as_they_are(open_page, home):
    usual = tables(open_page(SESSIONS, home, period="7"))[0][0].keys()
    names = "user_id,entry_source,sources,is_abandoned,error_count,campaign,hour,nothing_like_it"
    test = open_page(SESSIONS, home, period="7", columns=names)
    shown = tables(test)[0]
    (warning,) = [each.value.replace("\\", "") for each in test.warning]
    assert "'nothing_like_it'" in warning
    assert "'is_abandoned'. " not in warning
    with warehouse.open(home) as wh:
        rows = sessions.search(wh, Filters.last_days(7, wh.as_of_date), limit=100)
    for line, row in zip(shown, rows.iter_rows(named=True), strict=True):
        flag = row["is_abandoned"]
        assert line == {
            "User": row["user_id"],
            "Source of entry": row["entry_source"] or "–",
            "Source": ", ".join(row["sources"]),
            "Campaign": row["campaign"] or "–",
            "Abandoned": "–" if flag is None else "true" if flag else "false",
            "Errors": str(row["error_count"]),
        }
    # To choose none is to choose the usual ones.
    none = tables(open_page(SESSIONS, home, period="7", columns="nothing"))[0][0]
    assert none.keys() == usual


def test_a_search_without_hits_is_said_and_can_be_cleared(open_page, home):
    test = open_page(SESSIONS, home, q="nothing like it")
    assert head(test) == "0 sessions"
    assert "No session with 'nothing like it'" in texts(test)


def test_the_file_has_lists_as_text(home):
    with warehouse.open(home) as wh:
        frame = sessions.search(wh, Filters(), text="/pricing", limit=None)
    _, told = opened_csv(csv_of(frame))
    assert told.height == frame.height > 0
    assert told["sources"].to_list() == [" | ".join(names) for names in frame["sources"]]


def test_a_day_of_the_trend_offers_its_sessions_its_users_and_itself(open_page, home):
    test = open_page(OVERVIEW, home, in_day="2026-11-12", device="mobile", metric="bounce")
    line = next(body for body in bodies(test) if 'class="dwell-ways"' in body)
    count = count_of(line.split("12 Nov 2026: ")[1])
    ways = links(line)
    of_day = "from=2026-11-12&to=2026-11-12&device_type=mobile"
    assert ways == {
        "Show sessions": f"sessions?{of_day}",
        "Show users": f"users?{of_day}",
        "Only this day": f"?{of_day}&metric=bounce",
    }
    there = {"from": "2026-11-12", "to": "2026-11-12", "device": "mobile"}
    assert count_of(head(open_page(SESSIONS, home, **there))) == count > 0


def test_a_day_is_chosen_by_the_keyboard_and_given_up(open_page, home):
    test = open_page(OVERVIEW, home)
    assert not any('class="dwell-ways"' in body for body in bodies(test))
    box = test.selectbox(key="pick_trend")
    box.set_value("2026-11-12").run()
    assert test.query_params == {"in_day": "2026-11-12"}
    test.selectbox(key="pick_trend").set_value(None).run()
    assert not test.query_params


@pytest.mark.parametrize("day", ["2020-01-01", "nonsense"])
def test_a_day_that_is_not_in_the_chart_is_not_chosen(open_page, home, day):
    test = open_page(OVERVIEW, home, in_day=day)
    assert test.selectbox(key="pick_trend").value is None
    assert not any('class="dwell-ways"' in body for body in bodies(test))


def test_cards_lead_to_the_list_under_the_filters(open_page, home):
    test = open_page(OVERVIEW, home, period="7")
    body = next(body for body in bodies(test) if "dwell-cards" in body)
    found = re.findall(r'href="([^"]*)" title="Show the (\w+)"', body)
    addresses = {words: html.unescape(address) for address, words in found}
    assert addresses["sessions"] == "sessions?period=7"
    assert addresses["users"] == "users?period=7"
    bounces = parse_qs(addresses["bounces"].partition("?")[2])
    there = open_page(SESSIONS, home, **{name: given[0] for name, given in bounces.items()})
    shown = cards(test)["Bounce rate"].value
    with warehouse.open(home) as wh:
        filters = Filters.last_days(7, wh.as_of_date)
        closed = overview.totals(wh, filters)["closed_session_count"].item()
    assert f"{count_of(head(there)) / closed * 100:.1f} %" == shown


def test_users_are_narrowed_by_what_is_known_of_them(open_page, home):
    test = open_page(USERS, home)
    labels = [one.proto.popover.label for one in test.get("popover")]
    for label in ("Pattern: all", "Sessions: all", "First session: all", "First seen: all"):
        assert label in labels
    test.number_input(key="low_user_session_count").set_value(4.0).run()
    test.pills(key="filter_is_new_user").set_value(["false"]).run()
    assert test.query_params == {"user_session_count>": "4", "is_new_user": "false"}
    with warehouse.open(home) as wh:
        where = {"user_session_count": ">= 4", "is_new_user": "false"}
        filters = Filters.last_days(30, wh.as_of_date, where=where)
        count = users.count(wh, filters).item()
        often = wh.sql("select user_id from users where session_count >= 4").pl()["user_id"]
    assert count_of(head(test)) == count > 0
    assert {row["User"] for row in tables(test)[0]} <= set(often)
