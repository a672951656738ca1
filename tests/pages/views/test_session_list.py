"""The page of sessions, and the ways that lead to it."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs

import pytest

import warehouse
from pages.views import session_list
from tests.pages.conftest import texts
from tests.pages.opened import opened_csv
from tests.pages.seen import bodies, cards, links, tables
from warehouse.filters import Filters
from warehouse.frame_files import csv_of
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


def test_a_row_opens_its_session_with_the_filters(open_page, home):
    test = open_page(SESSIONS, home, sort="duration_seconds", browser="Firefox")
    body = next(body for body in bodies(test) if "<table>" in body)
    first = tables(test)[0][0]
    page, _, query = links(body)[first["Start"]].partition("?")
    asked = {name: value for name, (value,) in parse_qs(query).items()}
    # The way back leads to the list as it was.
    assert page == ""
    assert (asked["browser"], asked["sort"]) == ("Firefox", "duration_seconds")
    opened = texts(open_page(SESSIONS, home, **asked))
    assert re.search(rf"Session \d+ of {first['User']}, {first['Start'][:6]}", opened)


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
    assert re.fullmatch(r"0 of \d+ sessions", head(test))
    assert "has 'nothing like it' in a page or property" in texts(test)
    test.button(key="clear_search").click().run()
    assert not test.query_params


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


def _says(count: int, every: int) -> str:
    return f"{count} of {every} sessions"


@pytest.mark.parametrize(
    ("has", "contains"),
    [
        pytest.param("prompt", ("prompt",), id="a step"),
        pytest.param("prompt > then copy", ("prompt", "then copy"), id="two in order"),
        pytest.param("pattern: confused", ("pattern: confused",), id="a pattern"),
        pytest.param("then error > ends logout", ("ends logout",), id="a step after nothing"),
        pytest.param("prompt > without copy", ("prompt",), id="a step that waits for one to come"),
        pytest.param(
            "prompt > without copy > not error > then prompt",
            ("prompt", "without copy", "not error", "then prompt"),
            id="what waits over another",
        ),
        pytest.param(
            "prompt > without copy > not error",
            ("prompt", "not error"),
            id="what waits, and another",
        ),
        pytest.param("prompt > frob nicate", ("prompt",), id="what is no step"),
    ],
)
def test_steps_of_the_address_are_searched_and_counted(open_page, home, has, contains):
    test = open_page(SESSIONS, home, has=has)
    with warehouse.open(home) as wh:
        filters = Filters.last_days(30, wh.as_of_date)
        every = sessions.count(wh, filters).item()
        count = sessions.count(wh, filters, contains).item()
    assert head(test) == _says(count, every)
    # What was left out is said.
    assert bool(test.warning) is (tuple(has.split(" > ")) != contains)


def test_a_type_that_no_event_is_of_is_told(open_page, home):
    test = open_page(SESSIONS, home, has="promt")
    (warning,) = test.warning
    assert "of the type 'promt'. Did you mean 'prompt'?" in warning.value.replace("\\", "")
    assert head(test).startswith("0 of")


def test_steps_are_put_together_box_by_box(open_page, home):
    def boxes(test, kind):
        return [box for box in test.selectbox if box.key.startswith(f"happened_{kind}_")]

    test = open_page(SESSIONS, home)
    boxes(test, "what")[0].set_value("prompt").run()
    assert test.query_params == {"has": "prompt"}
    boxes(test, "how")[1].set_value("then not").run()
    boxes(test, "what")[1].set_value("copy").run()
    assert test.query_params == {"has": "prompt > then not copy"}
    with warehouse.open(home) as wh:
        filters = Filters.last_days(30, wh.as_of_date)
        count = sessions.count(wh, filters, ("prompt", "then not copy")).item()
    assert count_of(head(test)) == count
    # One taken away takes its place with it.
    boxes(test, "what")[1].set_value(None).run()
    assert test.query_params == {"has": "prompt"}


def test_a_text_is_looked_for_in_events_and_may_be_an_id(open_page, home):
    test = open_page(SESSIONS, home, q="pricing")
    with warehouse.open(home) as wh:
        filters = Filters.last_days(30, wh.as_of_date)
        every, count = (sessions.count(wh, filters, text=t).item() for t in (None, "pricing"))
        session_id = sessions.search(wh, filters, limit=1)["session_id"].item()
        user_id = sessions.search(wh, filters, limit=1)["user_id"].item()
    assert head(test) == _says(count, every)
    body = "".join(bodies(open_page(SESSIONS, home, q=session_id)))
    assert links(body)["Open the session of this id"] == f"sessions?session={session_id}"
    body = "".join(bodies(open_page(SESSIONS, home, q=user_id)))
    assert links(body)[f"All sessions of the user {user_id}"] == f"users?user={user_id}"
    part = user_id[:3]
    body = "".join(bodies(open_page(SESSIONS, home, q=part)))
    assert any(f"'{part}' in the id" in label for label in links(body))


def test_the_file_of_a_search_is_what_is_found(open_page, home):
    test = open_page(SESSIONS, home, has="prompt > then copy", period="7")
    labels = [one.proto.label for one in test.get("download_button")]
    assert labels == ["CSV", "XLSX", "Parquet"]
