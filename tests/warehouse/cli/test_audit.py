"""dwell audit: the lines of a name, of an object, and the newest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import warehouse
from warehouse.audit import Audit

CASES = {
    "all": ((), [1, 2, 3]),
    "in capitals": (("--who", "ANN"), [1, 2]),
    "of these days": (("--days", "1"), [1, 2, 3]),
    "of no days": (("--days", "0"), []),
    "of all days": (("--days", "9999999999"), [1, 2, 3]),
    "of who asked": (("--who", "ann"), [1, 2]),
    "of nobody": (("--who", "eve"), []),
    "of whom a page was": (("--of", "u-17"), [2, 3]),
    "of both": (("--who", "ann", "--of", "u-17"), [2]),
    "the newest": (("--last", "2"), [2, 3]),
    "none": (("--last", "0"), []),
}


@pytest.mark.parametrize("name", CASES)
def test_lines_are_found_by_names(dwell, name):
    audit = Audit(Path("data"))
    audit.note(at=1, who=audit.alias("ann"))
    audit.note(at=2, who=audit.alias("ann"), of_user=audit.alias("u-17"))
    audit.note(at=3, who=audit.alias("bob"), of_session=audit.alias("u-17"))
    arguments, wanted = CASES[name]
    result = dwell("audit", *arguments)
    assert result.code == 0
    assert [json.loads(line)["at"] for line in result.out.splitlines()] == wanted
    assert [line["at"] for line in dwell("audit", *arguments, "--json").json["lines"]] == wanted


def test_who_stands_in_a_role_has_a_name_and_others_none(dwell):
    login = '[serve]\nuser_header = "X-User"\nproxies = ["127.0.0.1"]\n'
    Path("dwell.toml").write_text(f'{login}roles = {{ analyst = ["Ann", "group:bob"] }}\n')
    audit = Audit(Path("data"))
    for name in ("ANN", "bob", "group:bob", None):
        audit.note(who=audit.alias_of_login(name))
    assert [line.get("name") for line in dwell("audit", "--json").json["lines"]] == [
        "ann", None, None, None,
    ]  # fmt: skip


def test_a_token_and_a_login_of_its_name_are_two(dwell):
    login = '[serve]\nuser_header = "X-User"\nproxies = ["127.0.0.1"]\n'
    token = '[tokens.Ann]\ntoken_env = "ANN"\nroles = "viewer"\n'
    Path("dwell.toml").write_text(f'{login}roles = {{ analyst = ["token:Ann"] }}\n{token}')
    audit = Audit(Path("data"))
    audit.note(at=1, **audit.who("Ann", {"viewer"}))
    audit.note(at=2, who=audit.alias_of_login("token:Ann"))
    told = {"token:Ann": 1, "login:token:ann": 2, "login:token:Ann": 2, "token:ann": None}
    for who, at in told.items():
        lines = dwell("audit", "--who", who, "--json").json["lines"]
        assert [line["at"] for line in lines] == [at] * (at is not None)
    names = [line["name"] for line in dwell("audit", "--json").json["lines"]]
    assert names == ["token:Ann", "login:token:ann"]


def test_pages_of_a_users_sessions_are_of_the_user(dwell):
    Path("events.csv").write_text(
        "user_id,time,event\nu-1,2026-11-20T09:00:00Z,page_view\nu-2,2026-11-20T09:00:00Z,page_view\n"
    )
    assert dwell("load", "events.csv").code == 0
    with warehouse.open("data") as wh:
        sessions = dict(wh.sql("select user_id, session_id from user_sessions").fetchall())
    audit = Audit(Path("data"))
    for at, session in enumerate(sessions.values()):
        audit.note(at=at, of_session=audit.alias(session))
    for at, user in enumerate(sessions):
        lines = dwell("audit", "--of", user, "--json").json["lines"]
        assert [line["at"] for line in lines] == [at]


def test_nothing_was_noted(dwell):
    assert dwell("audit", "--who", "ann") == dwell("audit")
    assert not Path("data").exists()
