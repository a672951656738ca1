"""What pages have noted: each view once, queries, files; no value of a filter and no id."""

from __future__ import annotations

import pytest

from pages.ui import audit
from tests.pages.conftest import texts
from tests.warehouse.small_builds import session, write_build
from warehouse.audit import AUDITS, Audit

OVERVIEW, USERS, SQL = "app.py", "pages/users.py", "pages/sql.py"


@pytest.fixture
def audited(tmp_path, monkeypatch):
    """A home of three users on a server that notes."""
    write_build(tmp_path, [session(name, os="Zen") for name in ("ann", "ben", "cid")])
    monkeypatch.setenv(AUDITS, "1")
    audit._audit_of.cache_clear()
    yield tmp_path
    audit._audit_of.cache_clear()


def noted(home):
    """All lines, without their times."""
    return [
        {key: value for key, value in line.items() if key not in ("time", "milliseconds")}
        for line in Audit(home).lines()
    ]


def test_a_page_is_noted_when_it_is_opened_and_when_it_shows_another_thing(open_page, audited):
    test = open_page(OVERVIEW, audited, os="Zen", period="7")
    test.run()
    test.segmented_control(key="period").set_value("30").run()
    first, second = noted(audited)
    assert first == {
        "kind": "page", "who": None, "page": "Overview", "build": 1, "filters": ["os"],
        "days": ["2026-03-04", "2026-03-10"], "chosen": [], "roles": [],
    }  # fmt: skip
    assert (second["filters"], second["days"][0]) == (["os"], "2026-02-09")
    assert "Zen" not in "".join(p.read_text() for p in (audited / "audit").glob("*.ndjson"))


def test_of_whom_a_page_is_stands_there_by_a_pseudonym(open_page, audited):
    open_page(USERS, audited, user="nobody")
    [line] = noted(audited)
    assert line["of_user"] == Audit(audited).known_alias("nobody")
    assert line["chosen"] == ["user"]
    assert "nobody" not in str(line)


def test_a_query_is_noted_with_its_rows_and_without_its_text(open_page, audited):
    text = "select user_id from user_sessions where user_id <> 'ann'"
    open_page(SQL, audited, q=text).run()
    page, query = noted(audited)
    assert (page["kind"], page["chosen"]) == ("page", ["q"])
    assert (query["kind"], query["rows"]) == ("query", 2)
    assert query["query"] == Audit(audited).known_alias(text)
    assert "ann" not in str(query)
    open_page(SQL, audited, q="select nonsense")
    assert noted(audited)[-1]["came_to"] == "refused"


def test_a_file_of_a_query_is_noted(open_page, audited):
    test = open_page(SQL, audited, q="select 1 as one")
    test.button(key="sql_file_csv").click().run()
    export = noted(audited)[-1]
    assert (export["kind"], export["file"]) == ("export", "query.csv")
    assert export["bytes"] > 0


def test_a_file_of_a_section_is_noted_with_its_rows(open_page, audited):
    note = None

    def ask_for_a_file():
        nonlocal note
        note = audit.on_export(None, "dwell_users.csv")

    open_page(OVERVIEW, audited)
    ask_for_a_file()
    note(3, 0.5)
    line = list(Audit(audited).lines())[-1]
    assert (line["kind"], line["file"], line["rows"]) == ("export", "dwell_users.csv", 3)
    assert line["milliseconds"] == 500


def test_what_cannot_be_noted_is_not_shown(open_page, audited):
    (audited / "audit").write_text("no folder")
    test = open_page(OVERVIEW, audited)
    assert "could not be noted who asks" in texts(test)
    assert not test.metric
    assert not test.get("plotly_chart")


def test_a_server_that_was_not_told_to_notes_nothing(open_page, audited, monkeypatch):
    monkeypatch.delenv(AUDITS)
    open_page(OVERVIEW, audited)
    assert not (audited / "audit").exists()
