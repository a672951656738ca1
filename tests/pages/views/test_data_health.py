"""Data health without a browser: what it shows is what the metrics say."""

from __future__ import annotations

import json
import re
import shutil
from datetime import date, timedelta

import pytest

import warehouse
from pages.ui import format
from tests.pages.conftest import load, texts
from tests.pages.lines import run_lines
from tests.pages.seen import bodies, links, tables, text
from warehouse.filters import Filters
from warehouse.metrics import health, proxy

PAGE = "pages/data_health.py"


@pytest.fixture(scope="module")
def wh(home):
    with warehouse.open(home) as opened:
        yield opened


@pytest.fixture(scope="module")
def troubled(tmp_path_factory):
    """A home with two builds, a gap, rejected rows, an ahead clock and a file that fails."""
    folder = tmp_path_factory.mktemp("troubled")

    def write(name, *lines):
        (folder / name).write_text("user_id,time,event\n" + "\n".join(lines) + "\n")
        return folder / name

    days = [f"u{day % 3},2026-03-{day:02d}T09:00:00Z,click" for day in (1, 2, 3, 6, 7)]
    home = folder / "home"
    load(home, "--source", "web", write("first.csv", *days))
    late = write(
        "late.csv", "u1,2026-03-02T09:10:00Z,click", "bob,yesterday,click", ",,<b>click</b>"
    )
    load(home, "--source", "web", late, "absent.csv")
    return home


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    """A home with 25 visits a day for eight weeks, none of them on two days of the seventh."""
    folder = tmp_path_factory.mktemp("faulty")
    days = [date(2026, 1, 5) + timedelta(days=n) for n in range(56) if n not in (43, 44)]
    lines = [f"u{n},{day}T09:{n:02}:00Z,click" for day in days for n in range(25)]
    (folder / "visits.csv").write_text("user_id,time,event\n" + "\n".join(lines) + "\n")
    load(folder / "home", "--source", "web", folder / "visits.csv")
    return folder / "home"


def verdict(test):
    (body,) = [body for body in bodies(test) if 'class="dwell-verdict' in body]
    return body


def table(test, column):
    return next(rows for rows in tables(test) if rows and column in rows[0])


def test_sources_are_what_the_metric_says(open_page, home, wh):
    test = open_page(PAGE, home)
    rows = table(test, "Lag of last file")
    frame = health.sources(wh)
    assert [row["Source"] for row in rows] == frame["source"].to_list()
    for column, name in {"Rows read": "read_count", "Rejected": "rejected_count"}.items():
        assert [row[column] for row in rows] == [format.count(n) for n in frame[name]]
    assert [row["Late"] for row in rows] == [format.count(n) for n in frame["late_count"]]


def test_all_sections_are_there_and_a_build_alone_has_nothing_to_compare(open_page, home):
    said = texts(open_page(PAGE, home))
    for title in (
        "Sources",
        "Coverage",
        "Rejected rows",
        "Last loads",
        "Builds",
        "Checks of build",
    ):
        assert title in said
    assert "One build is kept so far" in said


def test_what_is_wrong_stands_first_in_words(open_page, troubled):
    test = open_page(PAGE, troubled)
    said = text(verdict(test))
    assert "dwell-bad" in verdict(test)
    assert "absent.csv: matches no file." in said
    assert "web: 25.0 % of its rows were rejected." in said


def test_nothing_wrong_is_said_plainly(open_page, berlin_home, monkeypatch):
    monkeypatch.setattr("pages.ui.health_states.OLD_AFTER", timedelta(days=3650))
    # History has no load that is late.
    monkeypatch.setattr("pages.ui.alert_strip.HISTORY_AFTER", timedelta(0))
    said = text(verdict(open_page(PAGE, berlin_home)))
    assert said.startswith("Nothing is wrong.")
    assert re.search(r"all \d+ checks of build 1 passed", said)


def test_gaps_are_marked_and_named(open_page, troubled):
    test = open_page(PAGE, troubled)
    (strips,) = [body for body in bodies(test) if 'class="dwell-strips"' in body]
    assert "2 gap days" in text(strips)
    assert "Without one event: 4 to 5 Mar 2026." in texts(test)
    (sent,) = [plot.proto for plot in test.get("plotly_chart") if "calendar" in plot.proto.id]
    cells = [cell for row in json.loads(sent.spec)["data"][0]["customdata"] for cell in row if cell]
    assert len(cells) == 7
    assert "Wed 4 Mar 2026: <b>0 events</b>" in cells


def test_faults_stand_with_their_days_and_the_numbers_without_them(open_page, faulty):
    test = open_page(PAGE, faulty)
    assert "A day that looks like a fault".lower() in " ".join(bodies(test)).lower()
    (row,) = table(test, "Fault")
    assert row["Fault"] == "Outageweb, 17 to 18 Feb 2026"
    assert row["What was found"] == "0 sessions where these 2 days have 50"
    # 28 days of 25 sessions, and two without any.
    assert (row["Sessions a day"], row["Users"], row["Bounce rate"]) == ("23 → 25", "25", "100.0 %")


@pytest.mark.parametrize(
    ("page", "params"),
    [
        (PAGE, {}),
        ("app.py", {}),
        ("pages/engagement.py", {}),
        ("pages/retention.py", {"per": "day"}),
        ("pages/funnels.py", {"steps": "click"}),
    ],
)
def test_every_chart_over_days_shades_those_with_a_fault(open_page, faulty, page, params):
    test = open_page(page, faulty, period="90", **params)
    assert "Grey, 17 to 18 Feb 2026: Outage of web: 0 sessions where" in texts(test)
    charts = [json.loads(chart.proto.spec) for chart in test.get("plotly_chart")]
    dated = [chart for chart in charts if is_over_days(chart)]
    assert dated
    for chart in dated:
        bands = [shape for shape in chart["layout"].get("shapes", ()) if shape["type"] == "rect"]
        assert [band["x0"][:10] for band in bands] == ["2026-02-16"], chart["data"][0]


def is_over_days(chart):
    """Whether a chart goes from before the fault to after it."""
    places = [trace["x"] for trace in chart["data"] if isinstance(trace.get("x"), list)]
    return any(
        re.match(r"\d{4}-\d\d-\d\d$", str(x[0])) and x[0] < "2026-02-17" < x[-1]
        for x in places
        if x
    )


def test_no_fault_is_said_plainly(open_page, troubled):
    assert "No day looks like a fault of the data." in texts(open_page(PAGE, troubled))


def test_rejected_rows_are_shown_as_received_and_chosen_by_reason(open_page, troubled):
    test = open_page(PAGE, troubled)
    rows = table(test, "As received")
    assert {row["As received"] for row in rows} == {"bob,yesterday,click", ",,<b>click</b>"}
    (reasons,) = [body for body in bodies(test) if "Reason</th>" in body and "Share</th>" in body]
    address = links(reasons)["no readable time"]
    assert "health_reason=no+readable+time" in address
    chosen = open_page(PAGE, troubled, health_reason="no readable time")
    assert [row["As received"] for row in table(chosen, "As received")] == ["bob,yesterday,click"]
    # Markup of the data stays text.
    assert "<b>click</b>" not in " ".join(bodies(test))


def test_two_builds_are_compared_as_the_metric_does(open_page, troubled):
    test = open_page(PAGE, troubled)
    with warehouse.open(troubled) as wh:
        changes = health.build_changes(wh, 1)
        cells = health.build_diff(wh, 1)
        builds = health.builds(wh)
    (list_,) = [body for body in bodies(test) if 'class="dwell-changes"' in body]
    assert [text(item) for item in list_.split("<li>")[1:]] == changes["sentence"].to_list()
    assert "+1 event late from web" in text(list_)
    shown = table(test, "Rows before")
    assert len(shown) == cells.height
    (lines,) = [each.value for each in test.code if "build_diff" in each.value]
    assert run_lines(lines).equals(cells)
    listed = table(test, "Why")
    assert [row["Build"] for row in listed] == [str(number) for number in builds["build"]]
    one = open_page(PAGE, troubled, health_table="user_sessions")
    assert {row["Table"] for row in table(one, "Rows before")} == {"user_sessions"}


def test_a_pinned_build_is_the_one_that_is_shown(open_page, troubled):
    test = open_page(PAGE, troubled, build="1")
    assert "build 1 \u00b7" in texts(test)
    assert table(test, "Lag of last file")[0]["Loaded"] == "5"
    assert "Checks of build 1" in texts(test)
    assert "No build 9 is there" in texts(open_page(PAGE, troubled, build="9"))


def test_loads_are_chosen_by_what_was_told_of_them(open_page, troubled):
    rows = table(open_page(PAGE, troubled, health_loads="failed"), "Status")
    assert [(row["File"].split("(")[0].removesuffix("web"), row["Status"]) for row in rows] == [
        ("absent.csv", "failed")
    ]
    none = open_page(PAGE, troubled, health_loads="changed")
    assert "No file has other fields than the one before." in texts(none)


def test_a_home_of_before_the_log_says_what_is_not_known(open_page, troubled, tmp_path):
    old = tmp_path / "old"
    shutil.copytree(troubled, old)
    (old / "builds" / "builds.ndjson").unlink()
    said = texts(open_page(PAGE, old))
    assert "What its checks came to was not noted when it was made" in said
    assert "not known" in " ".join(bodies(open_page(PAGE, old)))


def test_tables_are_held_against_what_was_tracked(open_page, home, wh):
    test = open_page(PAGE, home)
    every = proxy.calibration(wh, Filters()).row(0, named=True)
    rows = table(test, "Sessions found")
    assert rows[0]["Rows of"] == "all tables"
    assert rows[0]["Found"] == format.count(every["found_count"])
    share = format.share(every["found_count"] / every["tracked_count"])
    assert any(f"their rows find **{share}**" in body.value for body in test.markdown)


def test_a_home_without_tables_is_held_against_nothing(open_page, troubled):
    test = open_page(PAGE, troubled)
    assert all("Sessions found" not in rows[0] for rows in tables(test) if rows)


def test_tables_alone_are_told_to_stand_for_nothing_yet(open_page, tmp_path):
    rows = "".join(f"u{day},2026-03-{day:02d}T09:00:00Z\n" for day in range(1, 10))
    (tmp_path / "posts.csv").write_text(f"author_id,created_at\n{rows}")
    load(tmp_path / "home", "--source", "app", "--format", "tables", tmp_path / "posts.csv")
    test = open_page(PAGE, tmp_path / "home")
    assert "Nothing was tracked of the users whom the tables know" in texts(test)
    assert "too few to say what rows stand for" in texts(test)
    assert "What they say would have been tracked" not in texts(test)
