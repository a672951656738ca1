"""The tables [access.NAME]: who is under a scope, and what would let somebody out of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.config.access import access_of, scope_of
from etl.config.settings import load_settings
from etl.errors import ConfigError

WHERE = {"where": {"source": ["web"]}}
HEADER = 'proxies = ["127.0.0.1"]\nuser_header = "X-User"'
CLAIM = '[serve.oidc]\nprovider = "https://x.example"\nclient_id = "d"\nclient_secret_env = "S"'
TEAM = '[access.a]\nwhere = { source = ["web"] }\n'


def is_under(name: str, given: tuple[str, ...] = (), **written: object) -> bool:
    """Whether who logs in so is under a scope that is written so."""
    scopes = access_of({"a": WHERE | written}, None)
    return scope_of(scopes, name, given) is not None


def test_names_of_a_scope_are_compared_loosely():
    users, groups = ["kim@example.com", "zo\u00eb"], ["Team A"]
    for name in ("\u212aIM@example.com.", "\uff4bim\u200b@example.com", "zoe\u0308", " Zo\u00cb"):
        assert is_under(name, users=users)
    for group in ("team a", " team\u00a0a", "TEAM \uff21", "x,Team A", "x, team a\u200b"):
        assert is_under("eve", (group,), groups=groups)
    assert not is_under("eve", ("team", "a"), users=users, groups=groups)


EXCEPTED = {
    "by name": ("ANN@example.com", (), True),
    "by group": ("bob", ("x", "Admins"), True),
    "nobody in particular": ("bob", ("x",), False),
    "who looks like another": ("\uff41nn@example.com", (), False),
    "who looks like another in the end": ("ann@example.com\u200b", (), False),
    "whose group looks like another": ("bob", ("admin\u017f",), False),
    "whose name is a group's": ("group:admins", (), False),
    "whose group is a name": ("bob", ("ann@example.com",), False),
    "who is named all the same": ("kim", ("admins",), False),
}


@pytest.mark.parametrize("name", EXCEPTED)
def test_all_but_these_are_under_it_and_these_are_found_strictly(name):
    user, groups, is_free = EXCEPTED[name]
    but = ["Ann@example.com", "group:admins"]
    given = {"everyone": True, "except": but, "users": ["kim"]}
    assert is_under(user, groups, **given) is not is_free


def test_who_is_left_out_of_one_may_be_under_the_next():
    written = {"a": WHERE | {"everyone": True, "except": "ann"}, "b": WHERE | {"users": "ann"}}
    scope = scope_of(access_of(written, None), "ann", ())
    assert scope is not None
    assert scope.name == "b"


REFUSED = {
    "except of nobody": ({"except": ["ann"]}, "has except and no everyone.*Add everyone = true"),
    "except of some": ({"except": ["ann"], "everyone": False, "users": ["x"]}, "no everyone"),
    "except that is no list": ({"except": 7, "everyone": True}, "has except = 7.*group:NAME"),
    "a group among users": ({"users": ["group:x"]}, "groups stand in groups"),
    "a group in capitals": ({"users": ["GROUP:x"]}, "groups stand in groups"),
    "a group as roles have it": ({"groups": ["group:x"]}, 'without "group:"'),
    "nobody": ({"users": [" "]}, "Wanted: a list of login names"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_scope_that_would_not_hold_whom_it_means_is_refused(name):
    written, wanted = REFUSED[name]
    with pytest.raises(ConfigError, match=wanted):
        access_of({"a": WHERE | written}, None)


# How people log in; what says their groups.
LOGINS = {
    "a proxy": (f"[serve]\n{HEADER}\n", 'groups_header = "X-Groups"\n'),
    "a provider": (f"{CLAIM}\n", 'groups_claim = "groups"\n'),
}
NAMING = ('groups = ["x"]', 'everyone = true\nexcept = ["ann", "group:x"]')


@pytest.mark.parametrize("name", LOGINS)
@pytest.mark.parametrize("naming", NAMING)
def test_groups_that_no_login_says_are_refused(tmp_path: Path, name, naming):
    login, says = LOGINS[name]
    file = tmp_path / "dwell.toml"
    file.write_text(f"{login}{TEAM}{naming}\n")
    with pytest.raises(ConfigError, match=r"\[access.a\].* names groups, and no login says any"):
        load_settings(tmp_path)
    file.write_text(f"{login}{says}{TEAM}{naming}\n")
    assert load_settings(tmp_path).serve.access[0].names_groups
    file.write_text(f'{login}{TEAM}users = ["x"]\n')
    assert not load_settings(tmp_path).serve.wants_groups
