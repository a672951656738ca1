"""Names of the data that mean harm stay text, in every file of a report."""

import email
import email.policy
import re

import pytest

from tests.warehouse.reports.conftest import HOSTILE, asked
from tests.warehouse.reports.read import Page, sheets
from warehouse.metrics import users
from warehouse.reports import files, svg
from warehouse.reports.html import html_of
from warehouse.reports.mail import mail_html
from warehouse.reports.pdf import pdf_of, png_of
from warehouse.reports.text import text_of
from warehouse.reports.user_model import report_of_user
from warehouse.reports.xlsx import xlsx_of

# Gmail cuts what is over it.
MOST_BYTES = 102_000


@pytest.fixture(scope="module")
def reports(wh, report):
    """The week, that of a user with names of all kinds, and that of one who is not there."""
    (busiest, *_) = users.listing(wh, asked().filters, order="session_count")["user_id"]
    of_users = [report_of_user(wh, asked(user=user)) for user in (busiest, HOSTILE[0])]
    return [report, *of_users]


def test_a_page_has_no_script_and_asks_nobody(reports):
    for report in reports:
        page = Page(html_of(report).decode())
        assert not {"script", "iframe", "object", "link", "img", "form"} & {*page.tags}
        assert page.handlers == []
        assert ({"svg", "table"} <= {*page.tags}) is (report is not reports[2])
        hosts = {re.match(r"[a-z]+://[^/?]+", each)[0] for each in page.references}
        assert hosts == {"https://dwell.example.com"}
        sheet = re.search(r"<style>(.*?)</style>", html_of(report).decode(), re.DOTALL)[1]
        assert set(re.findall(r"url\((\w+:)", sheet)) == {"data:"}


def test_names_are_shown_as_they_are(report):
    text = Page(html_of(report).decode()).text
    cells = {row[0] for row in Page(html_of(report).decode()).rows}
    for name in ("<script>alert(1)</script>", "</style></svg>&amp;{color:red}", "a,b;c|d\"e'"):
        assert name in text
        assert name in cells


def test_no_name_turns_a_line_round_or_breaks_it(reports):
    for report in reports:
        for written in (html_of(report).decode(), mail_html(report, has_picture=True)):
            assert not re.search("[\u202a-\u202e\u2066-\u2069]", written)
        assert not re.search("[\u202a-\u202e]", text_of(report))
        assert max(map(len, text_of(report).splitlines())) < 400


def test_a_mail_is_small_and_holds_no_more_than_its_picture(reports):
    for report in reports:
        written = mail_html(report, has_picture=True)
        page = Page(written)
        assert len(written.encode()) < MOST_BYTES
        assert not {"script", "svg", "form"} & {*page.tags}
        pictures = [each for each in page.references if not each.startswith("https://dwell.")]
        assert pictures == (["cid:sessions"] if report.chart else [])
        # A picture that nobody sees says its numbers.
        assert report.chart is None or "16 Mar 2026: " in written


def test_a_mail_has_all_its_parts(report):
    message = files.message_of(report, {"pdf": b"%PDF-", "xlsx": b"PK"})
    mail = email.message_from_bytes(
        files.eml_of(message, "Dwell <dwell@example.com>"), policy=email.policy.default
    )
    kinds = [part.get_content_type() for part in mail.walk() if not part.is_multipart()]
    assert kinds[:3] == ["text/plain", "text/html", "image/png"]
    names = [part.get_filename() for part in mail.iter_attachments()]
    assert names == [f"{report.name}.pdf", f"{report.name}.xlsx"]
    assert report.lead in mail.get_body(("plain",)).get_content()
    assert mail["Subject"] == "Week 12: 223 sessions, 11.9 % fewer than the week before"


def test_a_message_is_the_same_for_the_same_and_another_for_others(wh, report):
    same, other = (files.message_of(each, {}) for each in (report, report))
    assert same.id == other.id
    assert re.fullmatch(r"dwell-week-2026-w12-b1-[0-9a-f]{8}", same.id)
    others = [
        asked(user="u1"),
        asked(user="u1", where={"device_type": "mobile"}),
        asked(user="u1", bots=True),
    ]
    ids = {files.message_of(report_of_user(wh, each), {}).id for each in others}
    assert len({same.id, *ids}) == 4


def test_a_pdf_is_made_of_any_name(reports):
    # What would be markup is data: an import of a file that is not there would be an error.
    for report in reports:
        assert pdf_of(report).startswith(b"%PDF-1.7")


def test_the_workbook_of_a_user_has_all_sessions_with_their_texts(reports):
    _, of_user, _ = reports
    told = sheets(xlsx_of(of_user))
    assert len(told["Sessions"]) == of_user.numbers[0].value
    assert {row["tags"] for row in told["Sessions"]} <= {*HOSTILE}
    assert told["Summary"][0]["value"] == of_user.numbers[0].value


def test_the_picture_is_a_picture(report):
    assert png_of(report.chart).startswith(b"\x89PNG")
    assert "<style>" in svg.line_chart(report.chart, style=svg.LIGHT)
    drawn = svg.line_chart(report.chart)
    assert "<title>Sessions by day</title><desc>16 Mar 2026: " in drawn


@pytest.mark.browser
def test_a_page_fits_a_phone_and_asks_for_nothing(report, browser, tmp_path):
    (tmp_path / "report.html").write_bytes(html_of(report))
    (tmp_path / "mail.html").write_text(mail_html(report, has_picture=False))
    for name in ("report.html", "mail.html"):
        page = browser.new_page(viewport={"width": 390, "height": 800})
        asked_for = []
        page.on("request", lambda request, seen=asked_for: seen.append(request.url))
        page.goto((tmp_path / name).as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert [url for url in asked_for if not url.startswith(("file:", "data:"))] == []
        page.close()
