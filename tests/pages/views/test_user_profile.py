"""One user's page: what it asks, and that all of it is of the whole history."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs

import pytest

import warehouse
from tests.pages.conftest import texts
from tests.pages.seen import bodies, rows, tables
from tests.pages.views.test_user_timeline import squares
from warehouse import Filters, SessionAnalytics
from warehouse.metrics import users, workflows

USERS = "pages/users.py"
EVERY = Filters(include_bots=True)


@pytest.fixture(scope="module")
def wh(home):
    with warehouse.open(home) as opened:
        yield opened


@pytest.fixture(scope="module")
def often(wh):
    """The user with the most sessions."""
    (row,) = users.listing(wh, Filters(), order="session_count", limit=1).to_dicts()
    return row["user_id"]


def bars(test):
    """The addresses of the bars, and whether each is marked."""
    found = re.findall(r'dwell-visit( dwell-chosen)?[^"]*" href="([^"]*)"', "".join(bodies(test)))
    return {
        parse_qs(unescape(address).partition("?")[2])["session"][0]: bool(is_marked)
        for is_marked, address in found
    }


def calendar(test):
    return next(body for body in bodies(test) if "dwell-years" in body)


def table(test, alt):
    return rows(next(body for body in bodies(test) if f'aria-label="{alt}' in body))


def test_the_calendar_has_every_day_and_the_timeline_the_newest(open_page, home, wh, often):
    test = open_page(USERS, home, user=often)
    days = users.days(wh, often)
    assert list(squares(calendar(test))) == [day.isoformat() for day in days["date"]]
    newest = days["date"].to_list()[-14:]
    of_days = users.sessions(wh, often, Filters(newest[0], newest[-1], include_bots=True))
    assert bars(test) == dict.fromkeys(of_days["session_id"], False)


def test_a_day_of_the_address_moves_the_timeline(open_page, home, wh, often):
    day = users.days(wh, often)["date"][2]
    shown = bars(open_page(USERS, home, user=often, day=day.isoformat()))
    until = users.sessions(wh, often, Filters(end=day, include_bots=True))
    assert set(shown) == set(until["session_id"])


def test_an_old_address_of_a_session_shows_its_day_and_marks_it(open_page, home, wh, often):
    oldest = users.sessions(wh, often)["session_id"][-1]
    shown = bars(open_page(USERS, home, user=often, session=oldest))
    assert [session for session, is_marked in shown.items() if is_marked] == [oldest]


def test_an_event_of_the_address_leaves_the_sessions_that_hold_it(open_page, home, wh, often):
    types = users.event_types(wh, often)
    event, count = types.row(-1)
    test = open_page(USERS, home, user=often, event=event)
    sessions = users.sessions(wh, often, event=event)
    assert sessions.height == count < users.sessions(wh, often).height
    assert set(bars(test)) <= set(sessions["session_id"])
    assert len(tables(test)[0]) == min(count, 50)
    assert f"with {event}" in texts(test)


def test_the_page_shows_what_the_metrics_tell(open_page, home, wh, often):
    test = open_page(USERS, home, user=often)
    standing = table(test, "Metrics of this user")
    told = users.percentiles(wh, Filters(), often)
    assert [row["Percentile"] for row in standing] == [
        f"{value:.1f}" for value in told["percentile"]
    ]
    assert standing[0]["Median user"] == f"{told['median'][0]:g}"
    statistics = {row["What"]: row["Value"] for row in table(test, "Statistics of this user")}
    stats = SessionAnalytics(wh).get_session_stats(often)
    assert statistics["Sessions"] == str(stats["total_sessions"])
    assert statistics["Session types"] == ", ".join(
        f"{name} {count}" for name, count in stats["session_type_breakdown"].items()
    )


def test_abandoned_workflows_are_those_of_the_user(open_page, home, wh):
    user = workflows.abandoned(wh)["user_id"][0]
    shown = table(open_page(USERS, home, user=user), "Workflows that this user")
    steps = workflows.abandoned(wh, user_id=user)["last_step"].to_list()
    assert [row["Last step"] for row in shown] == steps


JOINED = "select user_id, anonymous_id from identities where anonymous_id "


def test_joined_ids_lead_to_each_other(open_page, home, wh):
    known, anonymous = wh.sql(f"{JOINED} in (select user_id from users) limit 1").fetchall()[0]
    for user, other in ((known, anonymous), (anonymous, known)):
        shown = table(open_page(USERS, home, user=user), "Ids that were joined")
        assert other in [row["Id"] for row in shown]


def test_an_id_whose_events_are_all_of_another_user_is_no_user(open_page, home, wh):
    known, anonymous = wh.sql(f"{JOINED} not in (select user_id from users) limit 1").fetchall()[0]
    assert "No user" in texts(open_page(USERS, home, user=anonymous))
    assert anonymous in [
        row["Id"] for row in table(open_page(USERS, home, user=known), "Ids that were joined")
    ]


def test_nothing_typed_is_on_the_page(open_page, home, wh):
    user, properties = wh.sql(
        "select user_id, properties from session_events "
        "where event_type = 'prompt' and properties like '%text%' limit 1"
    ).fetchall()[0]
    test = open_page(USERS, home, user=user)
    assert not test.toggle
    page = "".join(bodies(test)) + texts(test)
    assert re.search(r'"text": ?"([^"]*)"', properties)[1] not in page


def test_a_user_without_anything_to_tell_has_a_page(open_page, berlin_home):
    with warehouse.open(berlin_home) as wh:
        user = users.listing(wh, Filters())["user_id"][0]
    test = open_page(USERS, berlin_home, user=user)
    assert "This user abandoned no workflow." in texts(test)
    assert "No anonymous id was joined" in texts(test)
    assert len(bars(test)) == 1


def test_the_list_tells_models_and_why_a_pattern(open_page, home, wh):
    test = open_page(USERS, home, sort="session_count")
    body = next(body for body in bodies(test) if "<table>" in body)
    assert "on average, " in "".join(re.findall(r'title="([^"]*)"', body))
    row = users.listing(wh, Filters.last_days(30, wh.as_of_date), order="session_count").row(
        0, named=True
    )
    models = {row["first_model_group"], row["last_model_group"]}
    assert all(model in tables(test)[0][0]["Model"] for model in models)
