"""Sessions that went the same way, below one session."""

from __future__ import annotations

import re

import pytest

import warehouse
from pages.views import session_similar
from tests.pages.conftest import texts
from tests.pages.seen import bodies
from warehouse import Filters
from warehouse.metrics import sessions

PAGE = "pages/sessions.py"


@pytest.mark.parametrize(
    ("path", "shared", "told"),
    [
        pytest.param(["a", "b", "c", "d"], ["a > b > c"], "ABCd", id="one three"),
        pytest.param(["a", "b", "c", "d"], ["a > b > c", "b > c > d"], "ABCD", id="two that meet"),
        pytest.param(["a", "b", "a", "c"], ["b > a > c"], "aBAC", id="not all of one type"),
        pytest.param(["a", "b"], ["a > b"], "AB", id="a short one"),
        pytest.param(["<", "b", "c"], [], "&lt;bc", id="text stays text"),
    ],
)
def test_types_in_a_shared_three_are_marked(path, shared, told):
    html = session_similar.way(path, shared)
    shown = re.sub(r"<mark>(.*?)</mark>", lambda found: found[1].upper(), html)
    assert shown.replace(" \u203a ", "") == told


def test_a_long_way_is_cut_with_its_number(monkeypatch):
    monkeypatch.setattr(session_similar, "STEPS_SHOWN", 2)
    assert session_similar.way(["a", "b", "c"], []) == "a \u203a b \u2026 and 1 more"


def test_a_session_shows_those_most_like_it(open_page, home):
    with warehouse.open(home) as wh:
        session_id = sessions.search(wh, Filters(), order_by="event_count")["session_id"][9]
        found = sessions.similar(wh, session_id)
        told = sessions.alike(wh, session_id).row(0, named=True)
        rows = sessions.named(wh, found["session_id"].to_list())
    assert rows["session_id"].to_list() == found["session_id"].to_list()
    test = open_page(PAGE, home, session=session_id)
    body = next(body for body in bodies(test) if "dwell-alike" in body)
    addresses = re.findall(r'href="\?session=([^"&]+)"', body)
    assert addresses == found["session_id"].to_list()
    assert f"the newest {told['looked_at_count']:,} sessions" in texts(test)
