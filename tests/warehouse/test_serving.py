"""Who a login is of, by what the provider said; and what of a login is refused at the start."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from etl.config.access import access_of
from etl.config.serve import serve_of
from etl.config.settings import load_settings
from etl.errors import ConfigError
from warehouse.serving import (
    Visitor,
    check_login,
    login_secrets,
    told_without_home,
    visitor_of,
    visitor_of_login,
)

NOW = 1_800_000_000
OIDC = {
    "provider": "https://login.example.com/staff/",
    "client_id": "dwell",
    "client_secret_env": "LOGIN_SECRET",
    "groups_claim": "groups",
}
ROLES = {"viewer": ["vic"], "analyst": ["Ann@example.com", "group:data"]}
TRUE = {
    "is_logged_in": True, "aud": "dwell", "iat": NOW - 60, "email": "ann@example.com",
}  # fmt: skip
ANALYST = {"viewer", "analyst"}
# What the provider says beside what is true; the roles, None where it is no login.
SAID = {
    "all that is wanted": ({}, ANALYST),
    "several clients": ({"aud": ["other", "dwell"]}, ANALYST),
    "another client": ({"aud": "other"}, None),
    "part of this client": ({"aud": "dwell-2"}, None),
    "no client": ({"aud": None}, None),
    "no login": ({"is_logged_in": False}, None),
    "seen address": ({"email_verified": True}, ANALYST),
    "unseen address": ({"email_verified": False}, None),
    "a login about to end": ({"iat": NOW - 8 * 3600 + 1}, ANALYST),
    "a login that ended": ({"iat": NOW - 8 * 3600}, None),
    "a login of no time": ({"iat": None}, None),
    "a login of a word": ({"iat": "now"}, None),
    "no name": ({"email": " "}, None),
    "a name that is none": ({"email": ["ann@example.com"]}, None),
    "a group": ({"email": "eve", "groups": ["x", "Data"]}, ANALYST),
    "a group, alone": ({"email": "eve", "groups": "data"}, ANALYST),
    "groups that are none": ({"email": "eve", "groups": {"data": 1}}, set()),
    "a name like a group": ({"email": "group:data"}, set()),
}


@pytest.mark.parametrize("name", SAID)
def test_who_it_is_is_what_a_login_says(name):
    said, roles = SAID[name]
    serve = serve_of({"oidc": OIDC, "roles": ROLES}, None)
    visitor = visitor_of_login(serve, TRUE | said, NOW)
    assert (visitor and visitor.roles) == roles


def test_another_claim_is_the_name_and_a_mail_is_then_no_matter():
    serve = serve_of({"oidc": OIDC | {"name_claim": "sub"}}, None)
    visitor = visitor_of_login(serve, TRUE | {"sub": "s-1", "email_verified": False}, NOW)
    assert visitor is not None
    assert visitor.name == "s-1"
    assert visitor_of_login(serve, TRUE, NOW) is None


def test_a_header_counts_for_nothing_where_people_log_in_here():
    serve = serve_of({"oidc": OIDC}, None)
    assert visitor_of(serve, ["ann@example.com"], []).name is None


SCOPED = access_of({"team_a": {"where": {"source": ["web"]}, "groups": ["Team A", "7"]}}, None)
OVERAGE = {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "x"}}}
# What the provider says of groups; the scope, False for all rows, None for nothing at all.
CLAIMED = {
    "the group": ({"groups": ["x", "team a"]}, "team_a"),
    "the group among blanks": ({"groups": [" Team A\u200b "]}, "team_a"),
    "the group, alone": ({"groups": "Team A"}, "team_a"),
    "all in one word": ({"groups": "x,team a"}, "team_a"),
    "a number": ({"groups": [7]}, "team_a"),
    "another group": ({"groups": ["x"]}, False),
    "no groups": ({"groups": []}, False),
    "an empty word": ({"groups": ""}, False),
    "nothing": ({}, None),
    "null": ({"groups": None}, None),
    "too many": (OVERAGE, None),
    "too many, and some": (OVERAGE | {"groups": ["x"]}, None),
    "objects": ({"groups": [{"name": "Team A"}]}, None),
    "an object among words": ({"groups": ["x", {"name": "Team A"}]}, None),
    "an object": ({"groups": {"Team A": 1}}, None),
    "true": ({"groups": True}, None),
    "a list in a list": ({"groups": [["Team A"]]}, None),
}


@pytest.mark.parametrize("name", CLAIMED)
def test_a_login_that_does_not_say_its_groups_sees_nothing_where_a_scope_names_some(name):
    said, scope = CLAIMED[name]
    # The roles are of its name: they need no groups.
    serve = serve_of({"oidc": OIDC, "roles": ROLES}, None)
    visitor = visitor_of_login(replace(serve, access=SCOPED), TRUE | said, NOW)
    assert visitor is not None
    if scope is None:
        assert visitor == Visitor("ann@example.com", frozenset(), lacks_groups=True)
        assert "does not say in which groups you are" in visitor.without_roles
    else:
        assert (visitor.scope.name if visitor.scope else False) == scope
        assert visitor.roles == ANALYST
    # Without such a scope it is as ever.
    plain = visitor_of_login(serve, TRUE | said, NOW)
    assert plain is not None
    assert plain.roles == ANALYST


HEADERS = {
    "the group": (["x, team a"], "team_a"),
    "in two headers": (["x", "Team A"], "team_a"),
    "another group": (["x"], False),
    "an empty header": ([""], False),
    "no header": ([], None),
}


@pytest.mark.parametrize("name", HEADERS)
def test_so_does_one_of_whose_groups_the_proxy_says_nothing(name):
    groups, scope = HEADERS[name]
    login = {"user_header": "X-User", "proxies": "10.0.0.7", "groups_header": "X-Groups"}
    visitor = visitor_of(replace(serve_of(login, None), access=SCOPED), ["eve"], groups)
    assert visitor is not None
    assert visitor.lacks_groups == (scope is None)
    assert bool(visitor.roles) == (scope is not None)
    assert (visitor.scope.name if visitor.scope else False) == (scope or False)


def test_who_has_no_role_is_told_who_gives_one():
    serve = serve_of({"oidc": OIDC, "roles": ROLES}, None)
    visitor = visitor_of_login(serve, TRUE | {"email": "eve"}, NOW)
    assert visitor is not None
    assert "Ask who runs Dwell" in visitor.without_roles


WRONG = {
    "no table": ({"oidc": "x"}, r"Write \[serve.oidc\]"),
    "no provider": ({"oidc": {"client_id": "x", "client_secret_env": "Y"}}, "has no provider"),
    "an address with a question": (
        {"oidc": OIDC | {"provider": "https://x.example.com?y"}},
        "without [?] and #",
    ),
    "the secret itself": ({"oidc": OIDC | {"client_secret": "x"}}, "Unknown key 'client_secret'"),
    "two logins": (
        {"oidc": OIDC, "user_header": "X-User", "proxies": "10.0.0.7"},
        "people log in once",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_provider_that_does_not_fit_is_told(name):
    written, wanted = WRONG[name]
    with pytest.raises(ConfigError, match=wanted):
        serve_of(written, None)


def settings(tmp_path: Path, head: str):
    lines = "".join(f'{key} = "{value}"\n' for key, value in OIDC.items())
    (tmp_path / "dwell.toml").write_text(f"{head}\n[serve.oidc]\n{lines}")
    return load_settings(tmp_path)


def test_where_a_login_leads_back_to_must_be_known(tmp_path):
    with pytest.raises(ConfigError, match="Set dashboard_url"):
        check_login(settings(tmp_path, ""))


def test_the_secret_is_of_the_environment_and_cookies_are_signed(tmp_path, monkeypatch):
    known = settings(tmp_path, 'dashboard_url = "https://dwell.example.com/"')
    if find_spec("authlib") is None:
        with pytest.raises(ConfigError, match="Run 'make auth'"):
            check_login(known)
    else:
        with pytest.raises(ConfigError, match="The environment has no LOGIN_SECRET"):
            check_login(known)
    monkeypatch.setenv("LOGIN_SECRET", "a secret")
    auth = login_secrets(tmp_path)["auth"]
    assert auth["redirect_uri"] == "https://dwell.example.com/oauth2callback"
    assert auth["client_secret"] == "a secret"
    metadata = "https://login.example.com/staff/.well-known/openid-configuration"
    assert auth["server_metadata_url"] == metadata
    assert len(auth["cookie_secret"]) == 64
    assert login_secrets(tmp_path)["auth"]["cookie_secret"] != auth["cookie_secret"]
    monkeypatch.setenv("DWELL_COOKIE_SECRET", "x" * 40)
    assert login_secrets(tmp_path)["auth"]["cookie_secret"] == "x" * 40


def test_where_a_home_lies_is_not_told(tmp_path):
    home = tmp_path / "home"
    (tmp_path / "link").symlink_to(home)
    scope = home / "scopes" / "team_a-0123456789ab"
    for of in (home, scope):
        for path in (home, scope / "builds"):
            told = told_without_home(f"{path} is not there. Run 'dwell load'.", of)
            assert str(tmp_path) not in told
            assert "team_a" not in told or of == home
            assert told.startswith("the home")
    told = told_without_home(f"{tmp_path / 'link'} and {home} are one", tmp_path / "link")
    assert told == "the home and the home are one"
    assert told_without_home("a/b is not there", Path("/")) == "a/b is not there"


def test_without_a_provider_there_is_nothing_to_go_by(tmp_path):
    assert login_secrets(tmp_path) == {}
    check_login(load_settings(tmp_path))
