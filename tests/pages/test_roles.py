"""Who may open what, and save what: three roles, every page, over the WebSocket of a server."""

from __future__ import annotations

import shutil
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

import warehouse
from tests.pages.conftest import ROOT, serve
from tests.pages.drawn import draw
from warehouse.audit import Audit

LOGIN = """
[serve]
proxies = ["127.0.0.1"]
user_header = "X-Forwarded-User"
groups_header = "X-Forwarded-Groups"
[serve.roles]
viewer = ["vic@example.com", "group:staff"]
analyst = ["Ann@example.com"]
operator = ["group:ops"]
"""
WHO = {
    "viewer": {"x_forwarded_user": "vic@example.com"},
    "analyst": {"x_forwarded_user": "ann@EXAMPLE.com"},
    "operator": {"x_forwarded_user": "olga", "x_forwarded_groups": "staff, ops"},
}
# Every address of a page, whether rows of it are saved as files, and who may open it.
ALL, ANALYST, OPERATOR = set(WHO), {"analyst"}, {"operator"}
PAGES = {
    "": (True, ALL),
    "engagement": (True, ALL),
    "retention": (True, ALL),
    "funnels": (True, ALL),
    "paths": (True, ALL),
    "compare": (True, ALL),
    "llm_chat": (True, ALL),
    "llm_chat?chat=any": (False, ANALYST),
    "breakdowns": (True, ALL),
    "active_now": (True, ALL),
    "definitions": (False, ALL),
    "sessions": (True, ANALYST),
    "sessions?session=any": (False, ANALYST),
    "users": (True, ANALYST),
    "users?user=any": (False, ANALYST),
    "sql": (False, ANALYST),
    "sql?q=select+4711": (False, ANALYST),
    "data_health": (True, OPERATOR),
}
STRANGERS = {
    "nobody": ({}, 401),
    "an empty name": ({"x_forwarded_user": " "}, 401),
    "a stranger": ({"x_forwarded_user": "eve"}, 403),
    "by the name of a group": ({"x_forwarded_user": "group:ops"}, 403),
    "a group that is none": ({"x_forwarded_user": "eve", "x_forwarded_groups": "op,s"}, 403),
}


@pytest.fixture(scope="module")
def guarded(home, tmp_path_factory):
    """The home of a dashboard with a login, and its address."""
    folder = tmp_path_factory.mktemp("guarded")
    shutil.copytree(home / "builds", folder / "builds")
    (folder / "dwell.toml").write_text(LOGIN)
    with serve(folder, folder / "server.log") as address:
        yield folder, address


def test_every_page_is_in_the_table():
    files = {path.stem for path in (ROOT / "pages").glob("*.py")} - {"__init__"}
    assert {page.partition("?")[0] for page in PAGES} == {"", *files}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", WHO)
def test_a_role_opens_and_saves_what_it_may(guarded, role, page):
    has_files, may = PAGES[page]
    name, _, query = page.partition("?")
    drawn = draw(guarded[1], name, query, **WHO[role])
    is_refused = "This page is for" in drawn.text
    assert is_refused == (role not in may)
    if is_refused:
        # Nothing but the frame: no number, no table, no control.
        assert set(drawn.kinds) == {"html", "page_link", "heading", "alert"}
        assert "4711" not in drawn.text
    if role == "analyst" and not is_refused:
        assert (drawn.kinds["download_button"] > 0) == has_files
    else:
        assert drawn.kinds["download_button"] == 0
    # Where the home lies is for operators; others open it by DWELL_HOME, if at all.
    if role != "operator":
        assert str(guarded[0]) not in drawn.text
    elif page == "engagement":
        assert f'warehouse.open("{guarded[0]}")' in drawn.text.replace("\\", "")
    if role == "analyst" and page == "engagement":
        assert "wh = warehouse.open()" in drawn.text
    linked = {Path(link).stem for link in drawn.links} & {"sessions", "users", "sql", "data_health"}
    wanted = {"analyst": {"sessions", "users", "sql"}, "operator": {"data_health"}}
    assert linked == wanted.get(role, set())


@pytest.mark.parametrize("name", STRANGERS)
def test_a_stranger_is_told_nothing(guarded, name):
    headers, status = STRANGERS[name]
    with pytest.raises(InvalidStatus) as refused:
        draw(guarded[1], "", **headers)
    assert refused.value.response.status_code == 403
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    for path in ("/", "/app/static/icons.woff2", "/_stcore/health", "/media/x"):
        with pytest.raises(urllib.error.HTTPError) as answer:
            urllib.request.urlopen(urllib.request.Request(guarded[1] + path, headers=named))
        assert answer.value.code == status
        answer.value.close()


def session_of(address, role, known="", page="engagement"):
    """The id of a visit; of the one that is `known`, where it may be gone on with."""
    with connect(
        f"{address.replace('http', 'ws', 1)}/_stcore/stream",
        additional_headers={name.replace("_", "-"): text for name, text in WHO[role].items()},
        subprotocols=["streamlit", *(("any", known) if known else ())],
        origin=address,
        max_size=None,
    ) as line:
        asked = BackMsg()
        asked.rerun_script.page_name = page
        line.send(asked.SerializeToString())
        found = ""
        while True:
            told = ForwardMsg.FromString(line.recv(timeout=60))
            if told.WhichOneof("type") == "new_session":
                found = told.new_session.initialize.session_id
            if told.WhichOneof("type") == "script_finished":
                return found


def test_nobody_goes_on_with_the_visit_of_another(guarded):
    home, address = guarded
    begun = session_of(address, "analyst")
    assert session_of(address, "operator", begun) != begun
    # Nor is it taken for seen by this one what the other saw.
    who = Audit(home).known_alias("olga")
    assert [line["page"] for line in Audit(home).lines() if line["who"] == who][-1] == "Engagement"
    assert session_of(address, "analyst", begun) == begun


def test_health_is_told_to_anybody(guarded):
    for path in ("/livez", "/readyz"):
        with urllib.request.urlopen(guarded[1] + path) as answer:
            assert answer.status == 200


def test_visits_are_noted_by_pseudonyms(guarded):
    home, address = guarded
    draw(address, "engagement", **WHO["viewer"])
    who = Audit(home).known_alias("vic@example.com")
    lines = [line for line in Audit(home).lines() if line["who"] == who]
    assert lines[-1]["page"] == "Engagement"
    assert lines[-1]["roles"] == ["viewer"]
    assert not any("example" in path.read_text() for path in (home / "audit").glob("*.ndjson"))


def test_a_refused_page_is_noted(guarded):
    home, address = guarded
    draw(address, "sql", "q=select+4711", **WHO["viewer"])
    line = list(Audit(home).lines())[-1]
    assert (line["kind"], line["page"], line["roles"]) == ("refused", "SQL", ["viewer"])


def test_a_build_that_is_not_there_is_told_without_a_folder(guarded):
    for who in WHO.values():
        text = draw(guarded[1], "", "build=99", **who).text
        assert "No build 99 is there" in text
        assert str(guarded[0]) not in text


def test_where_the_home_lies_is_for_operators(broken_file, tmp_path):
    (broken_file / "dwell.toml").write_text(LOGIN)
    with serve(broken_file, tmp_path / "server.log") as address:
        for role, is_told in {"viewer": False, "analyst": False, "operator": True}.items():
            text = draw(address, "", **WHO[role]).text
            assert "cannot be opened" in text
            assert (str(broken_file) in text) == is_told
            assert "Traceback" not in text


# Lists of a viewer's pages whose rows are each of one user, session, chat or run.
OF_PEOPLE = {
    "open sessions": ("active_now", ""),
    "users of a cohort": ("retention", "by=week&entered=2026-11-02&nth=0"),
    "people of a step": ("funnels", "steps=page_view&at=1"),
    "chats": ("llm_chat", "part=chats"),
}


@pytest.mark.parametrize("name", OF_PEOPLE)
def test_a_list_says_to_analysts_alone_who_it_is(guarded, name):
    home, address = guarded
    page, query = OF_PEOPLE[name]
    with warehouse.open(home) as wh:
        rows = wh.sql("select distinct user_id, session_id from user_sessions").fetchall()
    ids = {text for row in rows for text in row if text}
    seen = {
        role: {text for text in ids if f">{text}<" in drawn.text or f"={text}&" in drawn.text}
        for role in ("viewer", "analyst")
        for drawn in [draw(address, page, query, **WHO[role])]
    }
    assert seen["viewer"] == set()
    assert seen["analyst"]


SAVED = {"": "Save the present filters as", "funnels": "Save this funnel as"}


@pytest.mark.parametrize("page", SAVED)
def test_analysts_alone_save_what_all_find(guarded, page):
    for role, may in {"viewer": False, "operator": False, "analyst": True}.items():
        drawn = draw(guarded[1], page, "device_type=mobile", **WHO[role])
        assert (SAVED[page] in drawn.text) == may


def test_files_are_for_analysts(guarded):
    for role, status in {"viewer": 403, "operator": 403, "analyst": 404}.items():
        named = {key.replace("_", "-"): value for key, value in WHO[role].items()}
        asked = urllib.request.Request(f"{guarded[1]}/media/x.csv", headers=named)
        with pytest.raises(urllib.error.HTTPError) as answer:
            urllib.request.urlopen(asked)
        assert answer.value.code == status
        answer.value.close()
