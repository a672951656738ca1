"""What a dwell.toml declares, on the pages: filters, breakdowns, cards and chart."""

from __future__ import annotations

import re
from datetime import UTC, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest

from pages.ui import sections
from tests.make import NOON, build_home, commit_events, event, settings_of
from tests.pages.conftest import texts
from tests.pages.seen import bodies, cards, links, tables

OWN = """
[dimensions.plan]
property = "plan"
label = "Plan"

[dimensions.team]
property = "team"
take = "latest"

[measures.query_ms]
property = "ms"
take = "avg"

[metrics.deep_reads]
label = "Deep reads"
unit = "rate"
better = "up"
sql = "avg((query_ms > 15)::int)"
"""


@pytest.fixture(scope="module")
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six sessions of three users: two pro ones of ann and ben, four without or with free."""
    home = tmp_path_factory.mktemp("own") / "home"
    told = (("ann", "pro", 10), ("ann", "free", 20), ("ben", "pro", 30), ("ben", None, 40))
    told += (("eve", "free", None), ("eve", "free", 5))
    events = [
        event(
            timedelta(hours=2 * number),
            user_id=user,
            page="/docs",
            properties={"plan": plan, "ms": ms, "team": f"team of {user}"},
        )
        for number, (user, plan, ms) in enumerate(told)
    ]
    commit_events(home, events)
    build_home(home, settings_of(home, OWN), now=(NOON + timedelta(days=1)).replace(tzinfo=UTC))
    return home


@pytest.mark.parametrize(
    ("address", "chip", "count"),
    [
        ({"plan!": "pro"}, "Plan: not pro", 4),
        ({"plan": "(not known)"}, "Plan: (not known)", 1),
        ({"team": "team of ben"}, "Team: team of ben", 2),
        ({"query_ms>": "20"}, "Query ms: >= 20", 3),
    ],
)
def test_own_dimensions_stand_in_address_and_filter_row(open_page, own_home, address, chip, count):
    test = open_page("app.py", own_home, **address)
    assert any(button.label.replace("\\", "") == chip for button in test.button)
    assert not test.warning
    assert cards(test)["Sessions"].value == str(count)


@pytest.mark.parametrize(
    "file", ["pages/breakdowns.py", "pages/engagement.py", "pages/sessions.py"]
)
def test_every_page_of_sessions_takes_own_dimensions(open_page, own_home, file):
    test = open_page(file, own_home, plan="pro")
    assert any(button.label == "Plan: pro" for button in test.button)
    assert not test.warning


def test_an_own_dimension_is_chosen_behind_more_filters(open_page, own_home):
    test = open_page("app.py", own_home)
    test.selectbox(key="more_dimension").set_value("plan").run()
    test.pills(key="filter_plan").set_value(["pro"]).run()
    assert test.query_params == {"plan": "pro"}
    test.button(key="chip_plan").click().run()
    assert test.query_params == {}


def test_links_to_other_pages_and_rows_keep_own_conditions(open_page, own_home):
    test = open_page("app.py", own_home, plan="pro", device_type="unknown")
    every = [address for body in bodies(test) for address in links(body).values()]
    assert all("plan" in parse_qs(urlparse(address).query) for address in every), every
    assert len(every) > 3
    test = open_page("pages/breakdowns.py", own_home, by="team")
    assert {"team of ann", "team of ben", "team of eve"} <= {row["Team"] for row in tables(test)[0]}
    every = [address for body in bodies(test) for address in links(body).values()]
    assert any("team=team+of+ann" in address for address in every)


def test_own_metrics_are_on_cards_chart_and_breakdowns(open_page, own_home):
    test = open_page("app.py", own_home, cards="sessions,deep_reads", metric="deep_reads")
    # Four tell a number; three of these are above 15.
    assert cards(test)["Deep reads"].value == "60.0 %"
    assert "Deep reads per day" in texts(test)
    test = open_page("pages/breakdowns.py", own_home, by="plan", metrics="deep_reads")
    shares = {row["Plan"]: row["Deep reads"] for row in tables(test)[0]}
    assert shares["pro"] == "50.0 %"
    assert re.search(r"Deep reads", " ".join(bodies(test)))


def test_own_columns_are_chosen_for_the_list_of_sessions(open_page, own_home):
    test = open_page("pages/sessions.py", own_home)
    assert "Plan" not in tables(test)[0][0]
    assert "Behind Columns: Plan, Team, Query ms." in texts(test)
    test.pills(key="own_columns").set_value(["user_id", "plan", "team", "query_ms"]).run()
    assert test.query_params == {"columns": "user_id,plan,team,query_ms"}
    assert "Behind Columns" not in texts(test)
    shown = [tuple(row.values()) for row in tables(test)[0]]
    assert shown == [
        ("eve", "free", "team of eve", "5.0"),
        ("eve", "free", "team of eve", "–"),
        ("ben", "–", "team of ben", "40.0"),
        ("ben", "pro", "team of ben", "30.0"),
        ("ann", "free", "team of ann", "20.0"),
        ("ann", "pro", "team of ann", "10.0"),
    ]


def test_the_file_of_sessions_has_own_columns(open_page, own_home, monkeypatch):
    found = {}
    monkeypatch.setattr(
        sections, "download", lambda name, frame, facts, *, key, **_: found.setdefault(key, frame())
    )
    open_page("pages/sessions.py", own_home)
    assert {"plan", "team", "query_ms"} <= set(found["session_list"].columns)


def test_a_build_that_is_gone_leaves_conditions_on_own_dimensions(open_page, own_home):
    test = open_page("app.py", own_home, plan="pro", build="42")
    assert not test.warning
    test.button(key="show_current").click().run()
    assert test.query_params == {"plan": "pro"}
