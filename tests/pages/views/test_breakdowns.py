"""The page Breakdowns, the cards of the Overview, and the files and notebooks of both."""

from __future__ import annotations

import re
from urllib.parse import parse_qs

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import warehouse
from pages.ui import sections
from pages.ui.header import NAVIGATION
from pages.views import breakdowns as view
from tests.pages.conftest import texts
from tests.pages.opened import opened_csv, opened_xlsx
from tests.pages.seen import bodies, links, tables
from warehouse import frame_files
from warehouse.dimensions import DIMENSIONS
from warehouse.metrics import breakdowns, overview

OVERVIEW, PAGE, ENGAGEMENT = "app.py", "pages/breakdowns.py", "pages/engagement.py"
LAST = ("Other", "Total", "(not known)")


def number(text):
    return float(re.sub(r"[^\d.]", "", text) or "nan")


def values(table):
    first = next(iter(table[0]))
    return [row[first] for row in table if row[first] not in LAST]


@pytest.fixture
def wh(home):
    with warehouse.open(home) as opened:
        yield opened


def month(wh, **where):
    return warehouse.Filters.last_days(30, wh.as_of_date, where=where)


def test_rows_other_and_total_are_those_of_the_metric(open_page, home, wh):
    test = open_page(PAGE, home, by="exit_page", metrics="user_count,bounce_rate")
    table = tables(test)[0]
    wanted = breakdowns.by(wh, month(wh), "exit_page", ("session_count", "user_count"))
    by_name = {row["Exit page"]: row for row in table}
    assert number(by_name["Total"]["Users"]) == overview.totals(wh, month(wh))["user_count"][0]
    for row in wanted.iter_rows(named=True):
        name = "Other" if row["is_other"] else "Total" if row["is_total"] else row["value"]
        assert number(by_name[name or "(not known)"]["Sessions"]) == row["session_count"]
        assert number(by_name[name or "(not known)"]["Users"]) == row["user_count"]
    assert list(by_name)[-1] == "Total"
    assert re.fullmatch(r"\d+\.\d % \u2013 \d+\.\d %", by_name["Total"]["95 %"])


def test_all_values_are_ordered_as_a_whole_and_then_paged(open_page, home, wh, monkeypatch):
    monkeypatch.setattr(view, "PAGE_SIZE", 7)
    seen = []
    every = breakdowns.by(wh, month(wh), "entry_page", limit=breakdowns.ALL)
    count = every.height - 1
    for page in range(1, -(-count // 7) + 1):
        test = open_page(PAGE, home, view="all", sort="median_duration_seconds", page=str(page))
        table = tables(test)[0]
        assert number(table[-1]["Sessions"]) == every["session_count"][-1]
        counted = [number(row["Sessions"]) for row in table[:-1]]
        assert sum(counted) == every["session_count"][-1]
        seen += values(table)
    by_length = breakdowns.by(
        wh, month(wh), "entry_page", ("median_duration_seconds",), breakdowns.ALL
    ).filter(pl.col("value").is_not_null())
    lengths = dict(by_length.select("value", "median_duration_seconds").rows())
    assert sorted(seen) == sorted(lengths)
    told = [lengths[name] for name in seen if lengths[name] is not None]
    assert told == sorted(told, reverse=True)


def test_search_looks_at_every_value_and_keeps_the_total(open_page, home, wh):
    hidden = breakdowns.by(wh, month(wh), "entry_page", limit=breakdowns.ALL)["value"][20]
    table = tables(open_page(PAGE, home, q=hidden.upper()))[0]
    assert hidden in values(table)
    assert all(hidden.lower() in name.lower() for name in values(table))
    assert number(table[-1]["Sessions"]) == overview.totals(wh, month(wh))["session_count"][0]


def test_search_without_hits_can_be_cleared(open_page, home):
    test = open_page(PAGE, home, q="nothing of that name", by="browser")
    assert "No browser contains 'nothing of that name'" in texts(test)
    next(button for button in test.button if button.label == "Clear the search").click().run()
    assert test.query_params == {"by": "browser"}


def test_dimension_and_metrics_stand_in_the_address(open_page, home):
    test = open_page(PAGE, home)
    test.selectbox(key="own_by").set_value("browser").run()
    assert test.query_params == {"by": "browser"}
    test.multiselect(key="own_metrics").set_value(["user_count"]).run()
    assert test.query_params == {"by": "browser", "metrics": "user_count"}
    assert "Users" in tables(test)[0][0]
    test.multiselect(key="own_metrics").set_value([]).run()
    assert test.query_params == {"by": "browser"}


def test_a_row_leads_to_its_sessions_and_keeps_the_place(open_page, home):
    test = open_page(PAGE, home, by="device_type", period="90", sort="bounce_rate")
    address = links(next(body for body in bodies(test) if "<tbody>" in body))["mobile"]
    assert parse_qs(address.removeprefix("?")) == {
        **{"by": ["device_type"], "period": ["90"], "sort": ["bounce_rate"]},
        "device_type": ["mobile"],
    }


def test_a_cross_tab_has_the_cells_of_its_metric(open_page, home, wh):
    test = open_page(PAGE, home, by="tag", across="browser", cell="user_count")
    table = tables(test)[1]
    frame = breakdowns.crosstab(wh, month(wh), "tag", "browser", "user_count", 10, 6)
    cells = [number(text) for row in table for name, text in row.items() if name != "Tag"]
    assert cells == frame["value"].to_list()
    assert "the rows overlap" in texts(test)


def test_cards_have_tabs_and_ask_for_the_open_one(open_page, home, monkeypatch):
    asked = []
    by = breakdowns.by

    def counted(wh, filters, dimension, *args, **kwargs):
        asked.append(dimension)
        return by(wh, filters, dimension, *args, **kwargs)

    monkeypatch.setattr(breakdowns, "by", counted)
    test = open_page(OVERVIEW, home, tab_pages="exit_page", **{"browser!": "none"})
    assert "exit_page" in asked
    assert "entry_page" not in asked
    tabs = links(next(body for body in bodies(test) if "dwell-tabs" in body))
    assert "tab_pages" not in tabs["Entry page"]
    assert "tab_pages=exit_page" in tabs["Exit page"]
    everything = next(body for body in bodies(test) if "View all" in body)
    (address,) = links(everything).values()
    assert address == "breakdowns?browser%21=none&by=exit_page&view=all"


def test_dimensions_of_nothing_are_one_line(open_page, berlin_home):
    test = open_page(OVERVIEW, berlin_home)
    line = next(text.value for text in test.caption if text.value.startswith("Not in these"))
    assert "entry page, exit page" in line
    tabs = " ".join(body for body in bodies(test) if "dwell-tabs" in body)
    assert "Entry page" not in tabs
    assert "Hour of start" in tabs
    offered = open_page(PAGE, berlin_home).selectbox(key="own_by").options
    assert offered[-1].endswith("(none in these sessions)")
    assert len(offered) == len(DIMENSIONS)


@pytest.fixture
def saved(monkeypatch):
    """What the buttons of a page would save: name, frame and facts, by key."""
    found = {}
    download = sections.download

    def noted(name, frame, facts, *, key, **more):
        found[key] = name, frame(), facts
        download(name, frame, facts, key=key, **more)

    monkeypatch.setattr(sections, "download", noted)
    return found


ASKED = {"browser!": "Firefox", "period": "30"}
# The tab of a page that has files, and the page that tells of the data as it is.
TABS = {"pages/definitions.py": {"view": "lab"}}
UNFILTERED = ("pages/data_health.py",)
# Files of SQL are made in a process of its own: test_sql.py opens them.
FILED = [file for links in NAVIGATION.values() for _, file, _ in links if file != "pages/sql.py"]


@pytest.mark.parametrize("file", FILED)
def test_every_file_says_where_it_comes_from(open_page, home, saved, file):
    open_page(file, home, **ASKED, **TABS.get(file, {}))
    assert saved
    told = "browser not Firefox; sessions of bots left out"
    for _, _, facts in saved.values():
        assert facts["Filters"] == ("none" if file in UNFILTERED else told)
        assert facts["Build"] == "1"
        assert facts["As of"].endswith(" UTC")
        assert facts["Time zone of days"] == "UTC"


def test_the_file_of_a_breakdown_is_every_value_of_the_metric(open_page, home, wh, saved):
    open_page(OVERVIEW, home, **ASKED)
    open_page(PAGE, home, by="exit_page", **ASKED)
    filters = month(wh, browser="!= Firefox")
    wanted = {
        "pages": breakdowns.by(wh, filters, "entry_page", view.COLUMNS, breakdowns.ALL),
        "values": breakdowns.change(wh, filters, "exit_page", view.COLUMNS, breakdowns.ALL),
    }
    for key, frame in wanted.items():
        assert frame.height > view.FEW + 2
        _, made, facts = saved[key]
        _, rows = opened_csv(frame_files.csv_of(made, facts))
        assert_frame_equal(rows, frame, check_dtypes=False)
        head, *cells = opened_xlsx(frame_files.xlsx_of(made, facts))["Rows"]
        again = pl.DataFrame(cells, schema=head, orient="row", infer_schema_length=None)
        assert_frame_equal(again, frame, check_dtypes=False)


@pytest.mark.parametrize("order", ["up", "down"])
def test_the_file_of_a_breakdown_has_the_order_of_its_table(open_page, home, saved, order):
    test = open_page(PAGE, home, by="campaign", sort="bounce_rate", order=order, view="all")
    rows = saved["values"][1].iter_rows(named=True)
    named = ["Total" if row["is_total"] else row["value"] or "(not known)" for row in rows]
    assert named == [row["Campaign"] for row in tables(test)[0]]
    assert named[-2:] == ["(not known)", "Total"]
    assert len(named) > 3


@pytest.mark.parametrize("file", [OVERVIEW, PAGE, ENGAGEMENT])
def test_the_notebook_lines_of_a_section_give_its_numbers(open_page, home, saved, file):
    test = open_page(file, home, bots="1", **ASKED)
    codes = [code.value for code in test.code if code.language == "python"]
    sql = [code.value for code in test.code if code.language == "sql"]
    assert len(codes) == len(sql) > 1
    answers = []
    for code in codes:
        assert len(code.splitlines()) == 3
        *first, last = code.splitlines()
        names = {}
        exec("\n".join(first), names)
        answers.append(eval(last, names))
    # Each file begins with the rows that are shown: those of a breakdown hold more of them.
    for name, made, _ in saved.values():
        assert any(is_begun_by(made, answer) for answer in answers), name


def is_begun_by(made, answer):
    """Whether a file has the numbers of an answer: of a breakdown, those that are shown."""
    numbers = [name for name in answer.columns if answer[name].dtype.is_numeric()]
    # The columns that are no numbers are words in some files.
    if answer.is_empty() is not made.is_empty() or not set(numbers) <= set(made.columns):
        return False
    if {"is_total", "is_row_total"} & set(made.columns) & set(answer.columns):
        shown = answer.filter(~pl.any_horizontal("^is_.*(other|total)$"))
        return made.join(shown, on=shown.columns, nulls_equal=True).height == shown.height > 0
    return made.select(numbers).head(answer.height).equals(answer.select(numbers))


def test_the_total_of_the_notebook_is_the_number_on_the_card(open_page, home):
    test = open_page(OVERVIEW, home, **ASKED)
    code = next(code.value for code in test.code if "overview.totals(" in code.value)
    *first, last = code.splitlines()
    names = {}
    exec("\n".join(first), names)
    sessions = eval(last, names)["session_count"].item()
    total = tables(open_page(PAGE, home, **ASKED))[0][-1]
    assert number(total["Sessions"]) == sessions
