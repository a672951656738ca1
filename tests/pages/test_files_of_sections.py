"""Files may be large: they are made when they are asked for, and nothing of them is kept."""

from __future__ import annotations

import pytest

import warehouse
from pages.ui import ask, sections
from warehouse import Filters
from warehouse.metrics import sessions, users

PAGES = {
    "one session": ("pages/sessions.py", {"turns", "events", "similar"}),
    "one user": ("pages/users.py", {"sessions"}),
    "all users": ("pages/users.py", {"users"}),
}


@pytest.fixture(scope="module")
def addresses(home):
    with warehouse.open(home) as wh:
        (user,) = users.listing(wh, Filters(), order="session_count", limit=1)["user_id"]
        (chat,) = sessions.search(wh, Filters(), ["prompt"], order_by="query_count", limit=1)[
            "session_id"
        ]
    return {"one session": {"session": chat}, "one user": {"user": user}, "all users": {}}


@pytest.mark.parametrize("name", PAGES)
def test_no_answer_is_kept_for_a_file(open_page, home, addresses, monkeypatch, name):
    path, wanted = PAGES[name]
    made = {}

    def refused(*asked):
        raise AssertionError(asked[2])

    def download(file, frame, facts, *, key, **_):
        if key in wanted:
            with monkeypatch.context() as patched:
                patched.setattr(ask, "_answer", refused)
                made[key] = frame().height

    monkeypatch.setattr(sections, "download", download)
    open_page(path, home, **addresses[name])
    assert set(made) == wanted
    assert all(made.values())
