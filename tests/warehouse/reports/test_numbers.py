"""The numbers of a report are those of the metrics API, in every file of it."""

from datetime import datetime, timedelta
from io import BytesIO
from statistics import mean, stdev

import openpyxl
import pytest

from tests.warehouse.reports.conftest import HOSTILE, MONDAY, OUTAGE, SUNDAY, WEEK, asked
from tests.warehouse.reports.read import Page, sheets
from warehouse.filters import Filters
from warehouse.metrics import breakdowns, data, overview, registry
from warehouse.reports.doubts import doubts_of, faults_of
from warehouse.reports.html import html_of
from warehouse.reports.mail import mail_html
from warehouse.reports.periods import Period
from warehouse.reports.text import text_of
from warehouse.reports.xlsx import xlsx_of
from warehouse.written import WRITERS

FILTERS = Filters(MONDAY, SUNDAY)
BEFORE = Filters(MONDAY - timedelta(days=7), SUNDAY - timedelta(days=7))


@pytest.fixture(scope="module")
def told(report):
    return sheets(xlsx_of(report))


def test_the_summary_has_each_metric_of_the_week_and_of_the_week_before(wh, told):
    now, before = (overview.totals(wh, each).row(0, named=True) for each in (FILTERS, BEFORE))
    rows = {row["name"]: row for row in told["Summary"]}
    assert {*rows} == {metric.name for metric in registry.HEADLINES}
    for name, row in rows.items():
        assert row["value"] == pytest.approx(now[name])
        assert row["previous"] == pytest.approx(before[name])
        assert row["difference"] == pytest.approx(now[name] - before[name])


def test_what_is_normal_is_of_the_eight_weeks_before(wh, told):
    weeks = [
        Filters(MONDAY - timedelta(weeks=back), SUNDAY - timedelta(weeks=back))
        for back in range(1, 9)
    ]
    for name in ("session_count", "user_count", "bounce_rate"):
        values = [overview.totals(wh, week)[name].item() for week in weeks]
        row = next(row for row in told["Summary"] if row["name"] == name)
        assert row["low"] == pytest.approx(max(mean(values) - 2 * stdev(values), 0))
        high = mean(values) + 2 * stdev(values)
        assert row["high"] == pytest.approx(min(high, 1) if name == "bounce_rate" else high)


def test_sessions_are_those_that_sql_counts(wh, told):
    text = "select count(*) from user_sessions where start_date between $first and $last"
    ((count,),) = wh.sql(text, {"first": MONDAY, "last": SUNDAY}).fetchall()
    assert told["Summary"][0]["value"] == count
    assert sum(row["session_count"] for row in told["Days"]) == count


def test_the_days_are_those_of_the_api(wh, told):
    days = overview.daily(wh, FILTERS)
    assert [row["event_date"].date() for row in told["Days"]] == days["event_date"].to_list()
    for name in ("session_count", "user_count", "bounce_rate", "previous_session_count"):
        assert [row[name] for row in told["Days"]] == pytest.approx(days[name].to_list())


@pytest.mark.parametrize("dimension", ["entry_page", "device_type", "session_type", "source"])
def test_a_breakdown_has_all_its_rows(wh, told, dimension):
    every = breakdowns.by(wh, FILTERS, dimension, ("session_count", "bounce_rate"), breakdowns.ALL)
    label = next(each.label for each in wh.dimensions if each.name == dimension)
    assert [row["value"] for row in told[label]] == every["value"].to_list()
    assert [row["session_count"] for row in told[label]] == every["session_count"].to_list()
    assert [row["bounce_rate"] for row in told[label]] == pytest.approx(
        every["bounce_rate"].to_list()
    )


def test_movers_and_definitions_are_whole(wh, told):
    every = overview.movers(wh, FILTERS, limit=100_000, without=("cohort_month", "activity_level"))
    assert [row["value"] for row in told["Movers"]] == every["value"].to_list()
    assert [row["change"] for row in told["Movers"]] == every["change"].to_list()
    definitions = data.definitions(wh)
    assert [row["definition"] for row in told["Definitions"]] == definitions["definition"].to_list()


def test_cells_have_their_types_and_none_is_a_formula(report):
    book = openpyxl.load_workbook(BytesIO(xlsx_of(report)))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d", "b"}
    assert {*HOSTILE} <= {cell.value for cell in cells}
    head = [cell.value for cell in book["Days"][1]]
    day = dict(zip(head, book["Days"][2], strict=True))
    assert day["event_date"].value == datetime.combine(MONDAY, datetime.min.time())
    assert day["event_date"].is_date
    assert (day["session_count"].number_format, day["bounce_rate"].number_format) == ("0", "0.0%")
    formats = {row[2].value: row[3].number_format for row in book["Summary"].iter_rows(min_row=2)}
    assert formats == {"count": "0", "rate": "0.0%", "seconds": "0.0##", "per_session": "0.0##"}


PAGES = {
    "html": lambda report: html_of(report).decode(),
    "mail": lambda report: mail_html(report, has_picture=True),
}


@pytest.mark.parametrize("form", PAGES)
def test_a_page_writes_each_number_as_the_pages_do(wh, report, form):
    now = overview.totals(wh, FILTERS).row(0, named=True)
    page = Page(PAGES[form](report))
    for name in registry.CARDS:
        metric = registry.BY_NAME[name]
        assert f"{metric.label} {WRITERS[metric.unit](now[name])} " in page.text
    rows = {cells[0].strip(): cells[1:] for cells in page.rows if len(cells) > 2}
    types = breakdowns.by(wh, FILTERS, "session_type", ("session_count", "bounce_rate"), 8)
    for row in types.filter(~types["is_total"], types["value"].is_not_null()).to_dicts():
        value = row["value"]
        cells = rows[value if len(value) <= 80 else f"{value[:79]}\u2026"]
        assert cells[0] == WRITERS["count"](row["session_count"])
        assert cells[2] == WRITERS["rate"](row["bounce_rate"])


def test_no_table_of_a_page_is_longer_than_ten_rows(report):
    for table in ([report.why] if report.why else []) + list(report.tables):
        assert 0 < len(table.rows) <= 10


def test_the_outage_is_told_first_and_marked(report):
    (doubt,) = [text for text in report.doubts if "outage" in text]
    assert doubt.startswith("Wed 18 Mar 2026: web, outage:")
    assert doubt in Page(html_of(report).decode()).text
    assert doubt in text_of(report)
    assert [point.start for point in report.chart.points if point.is_doubted] == [OUTAGE]


def test_a_fault_of_the_days_before_is_told_of_the_comparison(wh):
    after = asked(Period(SUNDAY + timedelta(days=1), SUNDAY + timedelta(days=4)))
    (doubt, *_) = doubts_of(wh, after, faults_of(wh, after, "weekday"))
    assert "that the period is compared with are not to be trusted" in doubt


def test_what_is_not_normal_has_a_sentence_the_worse_first(report):
    numbers = {number.label: number for number in report.numbers}
    first = next(text for text in report.sentences if "what is normal" in text)
    assert first.startswith("165 users, 9.8 % fewer than the week before (183): below")
    told = next(text for text in report.sentences if text.startswith("Error rate"))
    assert "above what is normal" in told
    assert numbers["Bounce rate"].place == "below"
    assert any(text.startswith("Mostly: ") for text in report.sentences)


def test_conditions_and_their_names_are_told_and_linked(wh):
    mobile = asked(where={"device_type": "mobile"}, texts=("device_type=mobile",))
    assert mobile.facts(wh, "")["Filters"] == "device_type=mobile; sessions of bots left out"
    link = "?from=2026-03-16&to=2026-03-22&device_type=mobile&build=1"
    assert mobile.page(wh, "users").endswith(f"/users{link}")
    assert mobile.name == "dwell-week-2026-W12-device-type-mobile-" + mobile.name[-6:]


def test_facts_name_build_zone_period_and_filters(report):
    text = Page(html_of(report).decode()).text
    for told in ("2026-03-16 to 2026-03-22", "build 1", "UTC", "sessions of bots left out"):
        assert told in text
    assert WEEK.days in text
