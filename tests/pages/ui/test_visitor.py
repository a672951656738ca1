"""Whose home is read: of who may see nothing there is none, also when no page is drawn."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import streamlit as st

from etl.config.serve import serve_of
from pages.ui import visitor
from tests.warehouse.test_serving import OIDC, TRUE
from warehouse.serving import Serve


@pytest.fixture
def logged_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Somebody who logged in at a provider this minute."""
    claims = TRUE | {"iat": time.time() - 1}
    monkeypatch.setattr(type(st.user), "to_dict", lambda _: claims)
    visitor.serve_by(serve_of({"oidc": OIDC}, None))
    yield
    visitor.serve_by(Serve())


def test_nobody_has_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    visitor.serve_by(serve_of({"user_header": "X-User", "proxies": ["127.0.0.1"]}, None))
    try:
        # As where a file is made: no request says who looks.
        with pytest.raises(visitor.NoLogin, match="Load this page anew"):
            visitor.home()
    finally:
        visitor.serve_by(Serve())


def test_who_looked_is_known_where_no_page_is_drawn(
    logged_in: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = visitor.known_by()
    monkeypatch.setattr(type(st.user), "to_dict", lambda _: {})
    with pytest.raises(visitor.NoLogin):
        visitor.home()
    with visitor.seen_by(known):
        assert visitor.visitor().name == "ann@example.com"
        visitor.home()
    assert not visitor.visitor().roles


def test_a_login_that_has_ended_meanwhile_is_none(
    logged_in: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = visitor.known_by()
    later = time.time() + 9 * 3600
    monkeypatch.setattr(time, "time", lambda: later)
    with visitor.seen_by(known), pytest.raises(visitor.NoLogin):
        visitor.home()
