"""The table [serve]: what it takes, and what it refuses in words."""

from __future__ import annotations

import pytest

from etl.config.serve import serve_of
from etl.errors import ConfigError

PROXIES = {
    "10.1.2.3": True,
    "10.2.2.3": False,
    "::ffff:10.1.2.3": True,
    "2001:db8::7": True,
    "2001:db8::8": False,
    "not an address": False,
    None: False,
}
REFUSED = {
    "a name with a scheme": {"hosts": ["https://dwell.example.com"]},
    "a name with a port": {"hosts": ["dwell.example.com:443"]},
    "any name": {"hosts": ["*"]},
    "a proxy by its name": {"proxies": ["proxy.example.com"]},
    "a network with a host": {"proxies": ["10.0.0.7/8"]},
    "a site with a path": {"embed_in": ["https://wiki.example.com/page"]},
    "any site": {"embed_in": ["*"]},
    "a word more": {"embed_in": ["https://wiki.example.com; script-src *"]},
    "a number": {"hosts": 7},
}


@pytest.mark.parametrize("address", PROXIES)
def test_a_proxy_is_known_by_its_address(address):
    serve = serve_of({"proxies": ["10.1.0.0/16", "2001:db8::7"]}, None)
    assert serve.is_proxy(address) == PROXIES[address]


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_told(name):
    [(key, _)] = REFUSED[name].items()
    with pytest.raises(ConfigError, match=f"table \\[serve\\] has {key} = .*Wanted: a list of"):
        serve_of(REFUSED[name], None)


def test_an_unknown_key_is_told():
    with pytest.raises(ConfigError, match=r"Unknown key 'host' in \[serve\].*hosts"):
        serve_of({"host": "x"}, None)


def test_one_word_is_a_list_of_it():
    serve = serve_of({"hosts": "Dwell.Example.com", "proxies": "10.0.0.7"}, None)
    assert serve.hosts == ("dwell.example.com",)
    assert serve.is_proxy("10.0.0.7")


ROLES = {
    "one of the list": ("ann", (), {"viewer", "analyst"}),
    "in other letters": ("ANN", (), {"viewer", "analyst"}),
    "by a group": ("bob", ("Ops",), {"viewer", "operator"}),
    "by both": ("ann", ("ops", "others"), {"viewer", "analyst", "operator"}),
    "nobody in particular": ("eve", ("others",), {"viewer"}),
    "who looks like another": ("o\u017fcar", (), {"viewer"}),
    "in a letter that only looks like one": ("\u212aim", (), {"viewer"}),
    "whose group looks like another": ("eve", ("op\u017f",), {"viewer"}),
    "in letters beyond ASCII": ("ZO\u00c9", (), {"viewer", "analyst"}),
    "whose name is a group's": ("group:ops", (), {"viewer"}),
    "whose group is a name": ("eve", ("ann",), {"viewer"}),
}
LOGIN = {"user_header": "X-User", "proxies": "10.0.0.7"}


@pytest.mark.parametrize("name", ROLES)
def test_roles_are_of_names_and_groups(name):
    roles = {"analyst": ["Ann", "Oscar", "Kim", "Zo\u00e9"], "operator": ["group:ops"]}
    user, groups, wanted = ROLES[name]
    assert serve_of(LOGIN | {"roles": roles}, None).roles_of(user, groups) == wanted
    # Where a list says who may look at all, nobody else may.
    strict = serve_of(LOGIN | {"roles": roles | {"viewer": ["vic"]}}, None)
    assert strict.roles_of(user, groups) == (wanted if len(wanted) > 1 else set())
    assert strict.roles_of("vic", ()) == {"viewer"}


def test_without_a_list_who_logs_in_has_every_role():
    assert serve_of(LOGIN, None).roles_of("eve", ()) == {"viewer", "analyst", "operator"}


INCOMPLETE = {
    "a login by anybody": ({"user_header": "X-User"}, "Add proxies"),
    "roles of nobody": ({"roles": {"analyst": ["ann"]}}, "Add user_header"),
    "groups of nobody": ({"groups_header": "X-Groups"}, "Add user_header"),
    "a role that is none": (LOGIN | {"roles": {"admin": ["ann"]}}, "Wanted: a table of viewer"),
    "a role of no list": (LOGIN | {"roles": {"analyst": 7}}, "Wanted: a table of viewer"),
    "a header with a blank": ({"user_header": "X User"}, "Wanted: the name of a header"),
    "no roles": (LOGIN | {"roles": {}}, "Wanted: a table of viewer"),
}


@pytest.mark.parametrize("name", INCOMPLETE)
def test_what_would_let_anybody_in_is_refused(name):
    written, wanted = INCOMPLETE[name]
    with pytest.raises(ConfigError, match=wanted):
        serve_of(written, None)
