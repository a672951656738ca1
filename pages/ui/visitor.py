"""Who looks at a page, and what that one may see. Never draws."""

from __future__ import annotations

import os
import time
from pathlib import Path

import streamlit as st

from warehouse.scopes import scope_home
from warehouse.serving import ANALYST as ANALYST
from warehouse.serving import (
    OPERATOR,
    VIEWER,
    Serve,
    Visitor,
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
# Of this process: how people log in to it. Told once, before the first page; a dwell.toml that is
# changed afterwards lets nobody in.
_serve = Serve()


def serve_by(serve: Serve) -> None:
    """Has the pages of this process go by that, as long as it lasts."""
    global _serve
    _serve = serve


def visitor() -> Visitor:
    """The one whose page is drawn; one without name and roles, who has to log in."""
    if _serve.oidc:
        return visitor_of_login(_serve, st.user.to_dict(), time.time()) or _NOBODY
    if not _serve.user_header:
        return Visitor()
    # The guard let in only whom the proxy names.
    headers = st.context.headers
    groups = headers.get_all(_serve.groups_header) if _serve.groups_header else ()
    return visitor_of(_serve, headers.get_all(_serve.user_header), groups) or _NOBODY


def home() -> str:
    """The home of whose builds who looks is shown pages; as DWELL_HOME names it, empty without.

    Under a scope of rows it is one that holds no others. NoScope where there is none yet.
    """
    whole, scope = os.environ.get("DWELL_HOME", ""), visitor().scope
    return str(scope_home(Path(whole or "data").absolute(), scope)) if scope else whole


def logs_in_here() -> bool:
    """Whether people log in at a provider, and out again, from these pages."""
    return _serve.oidc is not None


def told(problem: object) -> str:
    """What went wrong, as who looks may read it: where the home lies is for operators."""
    home = os.environ.get("DWELL_HOME")
    text = str(problem)
    return text if visitor().may(OPERATOR) or not home else text.replace(home, "the home")


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
