"""Who looks at a page, and what that one may see. Never draws."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

import streamlit as st

from etl.errors import DwellError
from warehouse.scopes import scope_folder, scope_home
from warehouse.serving import ANALYST as ANALYST
from warehouse.serving import (
    OPERATOR,
    VIEWER,
    Serve,
    Visitor,
    told_without_home,
    visitor_of,
    visitor_of_login,
)

# The role that a page wants, by its title; any other wants a viewer.
NEEDS = {
    "Sessions": ANALYST,
    "Users": ANALYST,
    "SQL": ANALYST,
    "Data health": OPERATOR,
}
# What it is called in a sentence.
CALLED = {
    VIEWER: "a viewer",
    ANALYST: "an analyst",
    OPERATOR: "an operator",
}
_NOBODY = Visitor("", frozenset())
# How somebody is known where no page is drawn, and nothing says who looks.
_known_as: ContextVar[Callable[[], Visitor] | None] = ContextVar("known_as", default=None)
# Of this process: how people log in to it. Told once, before the first page; a dwell.toml that is
# changed afterwards lets nobody in.
_serve = Serve()


def serve_by(serve: Serve) -> None:
    """Has the pages of this process go by that, as long as it lasts."""
    global _serve
    _serve = serve


class NoLogin(DwellError):
    """Nobody is logged in who may see anything: a login may end while its page is drawn."""

    def __init__(self) -> None:
        super().__init__("The login has ended. Load this page anew.")


def visitor() -> Visitor:
    """The one whose page is drawn; one without name and roles, who has to log in."""
    return (_known_as.get() or known_by())()


def known_by() -> Callable[[], Visitor]:
    """What tells who looks, now and after the page is drawn: a login at a provider may have ended
    by then.
    """
    serve = _serve
    if serve.oidc:
        claims = st.user.to_dict()
        return lambda: visitor_of_login(serve, claims, time.time()) or _NOBODY
    if not serve.user_header:
        return Visitor
    # The guard let in only whom the proxy names.
    headers = st.context.headers
    groups = headers.get_all(serve.groups_header) if serve.groups_header else ()
    who = visitor_of(serve, headers.get_all(serve.user_header), groups) or _NOBODY
    return lambda: who


@contextmanager
def seen_by(known: Callable[[], Visitor]) -> Iterator[None]:
    """Has all meanwhile be for who is known so: where no page is drawn, nobody looks."""
    token = _known_as.set(known)
    try:
        yield
    finally:
        _known_as.reset(token)


def home() -> str:
    """The home of whose builds who looks is shown pages; as DWELL_HOME names it, empty without.

    Under a scope of rows it is one that holds no others. NoScope where there is none yet. Who may
    see nothing has none: the page is drawn anew, to say so, and where none is drawn it is NoLogin.
    """
    who = visitor()
    if not who.roles:
        st.rerun()
        raise NoLogin
    whole = os.environ.get("DWELL_HOME", "")
    return str(scope_home(Path(whole or "data").absolute(), who.scope)) if who.scope else whole


def logs_in_here() -> bool:
    """Whether people log in at a provider, and out again, from these pages."""
    return _serve.oidc is not None


def told(problem: object) -> str:
    """What went wrong, as who looks may read it: where the home lies is for operators."""
    who = visitor()
    if who.may(OPERATOR):
        return str(problem)
    whole = Path(os.environ.get("DWELL_HOME") or "data")
    return told_without_home(problem, scope_folder(whole, who.scope) if who.scope else whole)


def needed(title: str) -> str:
    """The role that a page wants."""
    return NEEDS.get(title, VIEWER)


def may_open(title: str) -> bool:
    """Whether who looks may open the page of that title."""
    return visitor().may(needed(title))


def may_see_people() -> bool:
    """Whether who looks may see of which user, session or chat a row is."""
    return visitor().may(ANALYST)


def may_keep() -> bool:
    """Whether who looks may save, rename and delete what all others find there too."""
    return visitor().may(ANALYST)


def may_export() -> bool:
    """Whether who looks may save files of the rows behind a page."""
    return visitor().may(ANALYST)
