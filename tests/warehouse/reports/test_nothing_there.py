"""Reports of periods of which the data says nothing, or less than a report wants."""

from datetime import date, timedelta

import pytest

from tests.warehouse.reports.conftest import asked
from tests.warehouse.reports.read import Page, sheets
from tests.warehouse.small_builds import NOON, session
from warehouse.reports.html import html_of
from warehouse.reports.mail import mail_html
from warehouse.reports.model import report_of
from warehouse.reports.pdf import pdf_of
from warehouse.reports.periods import Period
from warehouse.reports.text import text_of
from warehouse.reports.user_model import report_of_user
from warehouse.reports.xlsx import xlsx_of

# NOON is a Tuesday: the week before it is the first one that is over.
MONDAY = date(2026, 3, 2)
WEEK = Period(MONDAY, MONDAY + timedelta(days=6))
ONE_WEEK = [
    session(f"u{number}", NOON - timedelta(days=2 + number), session_id=f"s{number}")
    for number in range(7)
]


def whole(report):
    """The report after each of its files was made and read."""
    for written in (html_of(report).decode(), mail_html(report, has_picture=False)):
        assert report.lead in Page(written).text
    assert report.lead in text_of(report)
    assert pdf_of(report).startswith(b"%PDF")
    told = sheets(xlsx_of(report))
    assert {"Summary", "Definitions", "About"} <= {*told}
    return report


def test_an_empty_warehouse(open_build):
    report = whole(report_of(open_build([]), asked(WEEK)))
    assert report.lead == (
        "No sessions: the warehouse holds no events. Run 'dwell load' with an export."
    )
    assert (report.chart, report.why, report.tables, report.doubts) == (None, None, (), ())
    assert [number.text for number in report.numbers] == ["0"]


@pytest.mark.parametrize(
    ("weeks", "sentence"),
    [
        (4, "No sessions in 30 Mar to 5 Apr 2026: the newest data is of 10 Mar 2026."),
        (-4, "No sessions in 2 to 8 Feb 2026: the data begins 2 Mar 2026."),
    ],
)
def test_a_week_beyond_the_data(open_build, weeks, sentence):
    later = MONDAY + timedelta(weeks=weeks)
    wh = open_build([*ONE_WEEK, session("now")])
    report = whole(report_of(wh, asked(Period(later, later + timedelta(days=6)))))
    assert report.lead.startswith(sentence)


def test_the_first_week_has_nothing_to_compare_and_no_normal(open_build):
    report = whole(report_of(open_build([*ONE_WEEK, session("now")]), asked(WEEK)))
    assert report.lead == "7 sessions."
    assert "Nothing to compare: the data begins 2 Mar 2026." in report.sentences
    assert any(text.startswith("What is normal is not known yet") for text in report.sentences)
    assert all(number.changed == "" and number.normal == "" for number in report.numbers)
    assert report.why is None


def test_a_week_that_begins_before_the_data_says_so(open_build):
    report = whole(report_of(open_build([*ONE_WEEK[:3], session("now")]), asked(WEEK)))
    assert report.doubts == ("The data begins 6 Mar 2026: of the period it misses 4 days.",)


def test_a_week_that_is_not_over_is_not_judged(open_build):
    rows = [
        session(f"u{number}", NOON - timedelta(days=number // 2), session_id=f"s{number}")
        for number in range(100)
    ]
    monday = date(2026, 3, 9)
    report = whole(report_of(open_build(rows), asked(Period(monday, monday + timedelta(days=6)))))
    # Monday has two, as has each day; Tuesday runs.
    assert report.lead == (
        "4 sessions so far, as in the same complete days of the week before (2)."
    )
    assert report.doubts[0].startswith("The period is not over: the newest event is of 10 Mar 2026")
    assert {number.place for number in report.numbers} == {""}


def test_numbers_that_are_null_are_dashes(open_build):
    # Open sessions have no rate.
    rows = [
        session("ann", NOON - timedelta(days=3), is_open=True, is_bounce=None, is_abandoned=None)
    ]
    report = whole(report_of(open_build([*rows, session("now")]), asked(WEEK)))
    numbers = {number.name: number.text for number in report.numbers}
    assert numbers["bounce_rate"] == "\u2013"
    assert "abandonment_rate" not in numbers


def test_a_user_that_nobody_knows(open_build):
    wh = open_build([*ONE_WEEK, session("now")])
    report = whole(report_of_user(wh, asked(WEEK, user="nobody")))
    assert report.lead.startswith("No sessions of user nobody in 2 to 8 Mar 2026. Check the")


def test_one_day_and_a_month(open_build):
    wh = open_build([*ONE_WEEK, session("now")])
    day = report_of(wh, asked(Period(MONDAY, MONDAY)))
    assert (day.title, day.lead) == ("Monday", "1 session.")
    month = report_of(wh, asked(Period(date(2026, 2, 1), date(2026, 2, 28))))
    assert (month.title, month.name) == ("February 2026", "dwell-month-2026-02")
