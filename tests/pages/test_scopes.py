"""What somebody under a scope of rows is shown, over the WebSocket of a server: every page, and the
addresses by which others' rows might be asked for.
"""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from urllib.parse import unquote

import pytest

import warehouse
from tests.make import build_home, load_files, write_ndjson
from tests.pages.conftest import serve
from tests.pages.drawn import draw
from tests.pages.test_roles import LOGIN as OF_ROLES
from tests.pages.test_roles import PAGES
from tests.scoped_home import CONFIG, SECRET, make_scoped_home
from warehouse.audit import Audit

LOGIN = f"""
{OF_ROLES.partition("[serve.roles]")[0]}
[serve.roles]
analyst = ["wes@example.com", "ann@example.com"]
operator = ["wes@example.com", "olga", "group:team-a"]
"""
PEOPLE = """
users = ["Wes@example.com"]
groups = ["team-a"]
"""
# As the header says it.
SCOPE = "rows of **team_a** alone"
NO_GROUPS = {"x_forwarded_groups": ""}
WES = {"x_forwarded_user": "wes@example.com", **NO_GROUPS}
ANN = {"x_forwarded_user": "ann@example.com", **NO_GROUPS}
# What an address may ask for that is beyond the scope.
ADDRESSES = {
    "another source": ("", "source=offside-app"),
    "any but one's own": ("", "source=%21%3D+web"),
    "a breakdown by what is beyond": ("breakdowns", "by=campaign"),
    "a user of others": ("users", "user=offside-cid"),
    "a user in part": ("users", "user=bob"),
    "a session in part": ("sessions", "session=BOB"),
    "a session of others": ("sessions", "session=CID"),
    "what was typed": ("sessions", "search=offside"),
    "a chat of others": ("llm_chat", "chat=offside-chat"),
    "a page of funnels": ("funnels", "step=offside_click&step=page_view"),
    "a comparison": ("compare", "by=period"),
    "a path from a page": ("paths", "start=offside_click"),
    "a query of all": ("sql", "q=from+session_events"),
    "a query of the whole": ("sql", "q=from+in_parts.session_events"),
    "another build": ("", "build=7"),
    "an older build": ("breakdowns", "by=source&build=1"),
    "no build": ("", "build=99"),
    "the health of loads": ("data_health", ""),
}


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The home with a login, its address, and sessions of it by the names used above."""
    folder = tmp_path_factory.mktemp("team")
    home = make_scoped_home(folder)
    newer = {"user_id": "newcomer", "time": "2026-03-07T10:00:00Z", "event": "page_view"}
    load_files(home, write_ndjson(folder / "newer.ndjson", [newer]), source="web")
    build_home(home)
    (home / "dwell.toml").write_text(CONFIG + PEOPLE + LOGIN)
    with warehouse.open(home) as wh:
        ids = dict(
            wh.sql("select user_id, min(session_id) from user_sessions group by 1").fetchall()
        )
    with serve(home, folder / "server.log") as address:
        yield home, address, {"BOB": ids["bob"], "CID": ids["offside-cid"]}


def asked_for(text, query):
    """What stands on a page beside what the address itself says."""
    text = text.replace("\\", "").lower()
    for word in re.split("[=&+]", unquote(query).lower()):
        text = text.replace(word, "") if SECRET in word else text
    return text


def assert_is_of_the_scope(drawn, query):
    """Neither the page nor one of its files tells of what is beyond it, or where that lies."""
    for text in (drawn.text, *drawn.files.values()):
        assert "/scopes/" not in text
        assert "/home" not in text
        assert "Traceback" not in text
        assert SECRET not in asked_for(text, query)


@pytest.mark.parametrize("page", [page for page in PAGES if "any" not in page])
def test_a_page_and_its_files_have_rows_of_the_scope_alone(served, page):
    _, address, _ = served
    name, _, query = page.partition("?")
    drawn = draw(address, name, query, saves=True, **WES)
    assert_is_of_the_scope(drawn, query)
    if page == "data_health":
        assert "This page is for" in drawn.text
        assert not drawn.files
    else:
        assert SCOPE in drawn.text.replace("\\", "")
        # Compare has some once it is asked what.
        assert bool(drawn.files) is (PAGES[page][0] and page != "compare")
        assert all("Rows: of the scope team_a alone" in text for text in drawn.files.values())


def test_a_file_of_other_rows_is_not_had_by_its_address(served):
    _, address, _ = served
    [whole] = draw(address, "users", saves=True, **ANN).addresses
    [own] = draw(address, "users", saves=True, **WES).addresses
    assert (status(whole, WES), status(own, WES)) == (403, 200)
    assert (status(whole, ANN), status(own, ANN)) == (200, 200)


def status(address, who):
    said = {name.replace("_", "-"): text for name, text in who.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=said)) as got:
            return got.status
    except urllib.error.HTTPError as error:
        return error.code


def test_files_are_of_the_build_of_their_page(served):
    _, address, _ = served
    for build, is_new in (("1", False), ("2", True)):
        drawn = draw(address, "users", f"build={build}", saves=True, **ANN)
        assert any("offside-cid" in text for text in drawn.files.values())
        assert any("newcomer" in text for text in drawn.files.values()) is is_new


@pytest.mark.parametrize("name", ADDRESSES)
def test_an_address_leads_to_no_row_of_others(served, name):
    _, address, sessions = served
    page, query = ADDRESSES[name]
    for word, session in sessions.items():
        query = query.replace(word, session)
    assert_is_of_the_scope(draw(address, page, query, saves=True, **WES), query)


def test_who_is_in_no_scope_sees_all(served):
    _, address, _ = served
    drawn = draw(address, "breakdowns", "by=source", **ANN)
    assert "offside-app" in drawn.text
    assert SCOPE not in drawn.text.replace("\\", "")


def test_a_group_is_under_it_too_and_looks_after_no_loads(served):
    _, address, _ = served
    groups = {"x_forwarded_user": "tim", "x_forwarded_groups": "staff, Team-A"}
    drawn = draw(address, "", **groups)
    assert SCOPE in drawn.text.replace("\\", "")
    assert "This page is for" in draw(address, "data_health", **groups).text


def test_visits_under_a_scope_are_noted_in_the_home_itself(served):
    home, address, _ = served
    draw(address, "engagement", **WES)
    assert list(Audit(home).lines())[-1]["page"] == "Engagement"
    assert not list((home / "scopes").glob("*/audit"))


def test_without_a_copy_nothing_is_shown(served):
    home, address, _ = served
    [folder] = (home / "scopes").glob("team_a-*")
    moved = folder.rename(home / "moved")
    try:
        drawn = draw(address, "", **WES)
        assert "There is no build for the scope" in drawn.text
        assert str(home) not in drawn.text
        assert "page_view" not in drawn.text
    finally:
        moved.rename(folder)
