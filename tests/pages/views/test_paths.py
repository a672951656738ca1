"""The page Paths without a browser, but for a click on a band: it shows what the metrics say."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import polars as pl
import pytest

import warehouse
from pages.ui import format
from pages.views import paths_moves
from tests.pages.conftest import UNTIL, load, texts
from tests.pages.seen import bodies, links, tables
from warehouse import Filters
from warehouse.metrics import paths, patterns, workflows

PAGE = "pages/paths.py"
MONTH = Filters.last_days(30, UNTIL.date())
PHONES = Filters.last_days(90, UNTIL.date(), devices=["mobile"])
# Address → what it asks for.
CHOICES = {
    "as it opens": ({}, MONTH, (None, "forward", "page", 4, 5, 1)),
    "backward, by event types, of phones": (
        {
            **{"period": "90", "device_type": "mobile", "steps": "event_type"},
            **{"way": "backward", "depth": "2", "top": "3", "least": "5"},
        },
        PHONES,
        (None, "backward", "event_type", 2, 3, 5),
    ),
    "from a page": ({"start": "/pricing"}, MONTH, ("/pricing", "forward", "page", 4, 5, 1)),
    "from an event": ({"start": "signup"}, MONTH, ("signup", "forward", "page", 4, 5, 1)),
    "from a step that is not offered": (
        {"start": "page_view:/docs/*"},
        MONTH,
        ("page_view:/docs/*", "forward", "page", 4, 5, 1),
    ),
}


@pytest.fixture(scope="module")
def wh(home):
    with warehouse.open(home) as opened:
        yield opened


def table_with(test, *heads):
    """The one table that has these columns."""
    [rows] = [rows for rows in tables(test) if rows and set(heads) <= rows[0].keys()]
    return rows


@pytest.mark.parametrize(("address", "filters", "asked"), CHOICES.values(), ids=CHOICES)
def test_table_and_bands_hold_the_same_steps(open_page, home, wh, address, filters, asked):
    test = open_page(PAGE, home, **address)
    frame = paths.steps(wh, filters, *asked)
    assert frame.height
    rows = [list(row.values())[:4] for row in table_with(test, "Sessions", "Share")]
    # A path that is told backward ends where the session began.
    end = "Entry" if asked[1] == "backward" else "Exit"
    told = frame.with_columns(next_node=pl.col("next_node").replace("Exit", end))
    assert rows == [
        [str(step), node, after, format.count(count)] for step, node, after, count in told.rows()
    ]
    [picture] = [body for body in bodies(test) if 'class="dwell-sankey' in body]
    hints = re.findall(r'class="dwell-link dwell-band[^>]*title="([^"]*)"', picture)
    arrow = "\u2190" if asked[1] == "backward" else "\u2192"
    assert hints == [
        f"{node} {arrow} {after}: {format.plural(count, 'session')}"
        for _, node, after, count in told.rows()
    ]
    total = frame.filter(frame["step_number"] == 1)["session_count"].sum()
    assert f"{format.plural(total, 'session')} " in texts(test)


def test_a_row_opens_its_sessions(open_page, home, wh):
    row = paths.steps(wh, MONTH, None, "forward", "page", 4, 5).row(3, named=True)
    address = {"step": "1", "node": row["node"], "next": row["next_node"]}
    test = open_page(PAGE, home, **address)
    shown = table_with(test, "User", "Path")
    asked = (1, row["node"], row["next_node"], None, "forward", "page", 4, 5)
    frame = paths.sessions(wh, MONTH, *asked)
    assert [each["User"] for each in shown] == frame["user_id"].to_list()
    assert [each["Path"] for each in shown] == [
        " \u2192 ".join(path) for path in frame["path"].to_list()
    ]
    heads = [head.value for head in test.subheader]
    assert f"{format.plural(row['session_count'], 'session')}: " in " ".join(heads)


def test_the_matrix_holds_the_transitions(open_page, home, wh):
    test = open_page(PAGE, home, view="moves", top="5")
    frame = paths.transitions(wh, MONTH, "page", 5)
    rows = {row["From"]: row for row in table_with(test, "From", "Exit")}
    assert list(rows) == frame["node"].unique(maintain_order=True).to_list()
    for node, after, _, share in frame.rows():
        assert rows[node][after] == format.share(share)
    [body] = [body for body in bodies(test) if "dwell-matrix" in body and "<table" in body]
    second = frame["node"].unique(maintain_order=True)[1]
    assert links(body)[second].endswith(urlencode({"start": second}))


def test_what_is_nobodys_has_no_shade():
    rows, columns, cells = paths_moves.crossed(
        pl.DataFrame(
            {
                "node": ["/a", "/a", "/a", "Other"],
                "next_node": ["/a", "Other", "Exit", "Exit"],
                "transition_count": [1, 2, 3, 4],
                "share": [0.2, 0.3, 0.5, 1.0],
            }
        )
    )
    assert (rows, columns) == (["/a", "Other"], ["/a", "Other", "Exit"])
    assert [shade for _, shade, _ in cells.values()] == [0.2, 0, 0, 0]


def test_features_together_are_those_of_the_metric(open_page, home, wh):
    test = open_page(PAGE, home, view="together", by="user", least="5")
    frame = paths.together(wh, MONTH, "event_type", "user", 20, 5)
    shown = table_with(test, "Lift", "Expected")
    assert [(row["One"], row["Other"]) for row in shown] == frame.select(
        "feature", "other_feature"
    ).rows()
    assert [row["Together"] for row in shown] == [
        format.count(count) for count in frame["together_count"].to_list()
    ]
    assert shown[0]["Lift"] == f"{frame['lift'][0]:.2f}"


@pytest.mark.parametrize(("whose", "metric"), [("session", "sessions"), ("user", "users")])
def test_patterns_and_signs_are_those_of_the_metrics(open_page, home, wh, whose, metric):
    test = open_page(PAGE, home, view="patterns", of=whose)
    frame = getattr(patterns, metric)(wh, MONTH)
    shown = table_with(test, "Pattern", "Share")
    assert [row["Share"] for row in shown] == [
        format.share(share) for share in frame["share"].to_list()
    ]
    signs = table_with(test, "Sign", "Share")
    told = patterns.frustration(wh, MONTH)
    assert [row["Sessions"] for row in signs] == [
        format.count(count) for count in told["session_count"].to_list()
    ]
    assert signs[0]["What it is"] == "3 clicks in a row within 1 s and 30 px"


def test_examples_lead_to_their_sessions(open_page, home, wh):
    test = open_page(PAGE, home, view="patterns", part="session.explorer")
    frame = patterns.examples(wh, MONTH, "explorer", limit=10)
    shown = table_with(test, "Errors", "User")
    assert [row["User"] for row in shown] == frame["user_id"].to_list()
    [body] = [body for body in bodies(test) if "<th" in body and ">Errors<" in body]
    assert f"session={frame['session_id'][0]}" in next(iter(links(body).values()))


def test_workflows_are_those_of_the_metrics(open_page, home, wh):
    test = open_page("pages/funnels.py", home, view="workflows")
    frame = workflows.summary(wh, MONTH)
    shown = table_with(test, "Started", "Completed")
    assert [row["Abandoned"] for row in shown] == [
        format.count(count) for count in frame["abandoned_count"].to_list()
    ]
    runs = table_with(test, "Stuck", "Run")
    assert [row["Run"] for row in runs] == workflows.abandoned(wh, None, MONTH)[
        "workflow_id"
    ].to_list()


def test_sessions_without_pages_are_told_by_their_events(open_page, tmp_path):
    events = tmp_path / "events.csv"
    events.write_text("user_id,time,event\nann,2026-03-10T22:30:00Z,click\n")
    load(tmp_path / "home", events)
    test = open_page(PAGE, tmp_path / "home")
    assert "has a page view" in texts(test)
    test.button[-1].click().run()
    assert test.query_params["steps"] == "event_type"
    assert [row["From"] for row in tables(test)[0]] == ["click"]


def test_a_start_that_is_not_there_is_told(open_page, home):
    test = open_page(PAGE, home, start="/nowhere")
    assert "No session of these filters has /nowhere." in texts(test)


def test_a_band_takes_a_click(visit):
    page = visit("/paths")
    name = page.locator(".dwell-node-name b").first.inner_text()
    band = page.locator(f'.dwell-band[title^="{name} \u2192"]').first
    hint = band.get_attribute("title")
    # Beside its node, where it is not yet bent; waits until the page stands still.
    band.click(position={"x": 3, "y": 3})
    page.wait_for_url("**node=**")
    page.get_by_text("Close the list").wait_for()
    heads = page.locator("h3").all_inner_texts()
    way, count = hint.split(": ")
    assert f"{count}: {way}, step 1" in heads
