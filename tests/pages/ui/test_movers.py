"""The table of what changed most, against the metric that it shows."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest

import warehouse
from pages.ui import movers
from tests.pages.conftest import texts
from tests.pages.seen import bodies, links, rows
from warehouse import Filters
from warehouse.dimensions import BY_NAME
from warehouse.metrics import overview

NAMES = {dimension.label: name for name, dimension in BY_NAME.items()}


def table(test):
    """The HTML of the table, if there is one."""
    return next((body for body in bodies(test) if ">Sessions with<" in body), None)


def asked(home, metric, days=7):
    with warehouse.open(home) as wh:
        filters = Filters.last_days(days, wh.as_of_date)
        return overview.movers(wh, filters, metric, limit=movers.ROWS, without=movers.LEFT_OUT)


@pytest.mark.parametrize(
    ("word", "metric"), [("sessions", "session_count"), ("bounce", "bounce_rate")]
)
def test_the_table_is_of_the_metric_of_the_chart_and_its_rows_are_links(
    open_page, home, word, metric
):
    test = open_page("app.py", home, period="7", device="mobile", metric=word)
    with warehouse.open(home) as wh:
        mobile = Filters.last_days(7, wh.as_of_date, devices=("mobile",))
        frame = overview.movers(wh, mobile, metric, limit=50, without=movers.LEFT_OUT)
    # What is not known is in the files alone.
    frame = frame.filter(frame["value"].is_not_null()).head(movers.ROWS)
    shown = rows(table(test))
    assert len(shown) == frame.height > 0
    for line, row in zip(shown, frame.iter_rows(named=True), strict=True):
        label, value = line["Sessions with"].split(": ", 1)
        name = NAMES[label]
        assert name == row["dimension"]
        assert value == row["value"]
        share = row["share_of_change"]
        assert line["Share"] == ("–" if share is None else f"{share * 100:,.1f} %")
        if metric == "session_count":
            assert line["Now"] == f"{row['current']:,.0f}"
            assert line["Change"].replace(",", "") == f"{row['change']:+.0f}"
        else:
            assert line["n now"] == f"{row['current_n']:,}"
    address = parse_qs(links(table(test))[shown[0]["Sessions with"]].removeprefix("?"))
    assert address["period"] == ["7"]
    assert address["metric" if metric != "session_count" else "device_type"]
    first = frame.row(0, named=True)
    assert first["value"] in address[first["dimension"]]


@pytest.mark.parametrize(
    ("word", "dimension"), [("new", "is_new_user"), ("abandonment", "is_abandoned")]
)
def test_a_metric_is_not_explained_by_the_flag_that_it_counts(open_page, home, word, dimension):
    test = open_page("app.py", home, period="7", metric=word)
    shown = {line["Sessions with"].partition(": ")[0] for line in rows(table(test))}
    assert shown
    assert BY_NAME[dimension].label not in shown


def test_what_cannot_be_split_is_said_and_sessions_are_shown(open_page, home):
    test = open_page("app.py", home, period="7", metric="users")
    assert "Users cannot be split into parts that add up" in texts(test)
    first = asked(home, "session_count").row(0, named=True)
    assert rows(table(test))[0]["Change"].replace(",", "") == f"{first['change']:+.0f}"


def test_without_anything_to_compare_there_is_a_sentence_and_no_table(open_page, home):
    test = open_page("app.py", home, period="90")
    assert table(test) is None
    assert texts(test).count("Nothing to compare: the data begins") == 2
