"""A question of a page that takes too long: what its reader is told, and what others notice."""

from __future__ import annotations

import shutil
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import warehouse
from etl.errors import BeyondLimit
from pages.ui import ask, time_limit
from tests.pages.conftest import texts
from warehouse.filters import Filters
from warehouse.metrics import overview

OVERVIEW = "app.py"
HEAVY = "select count(*) as n from range(100000000) a, range(1000000) b where a.range > b.range"
real_totals = overview.totals


calls = []


def endless(wh, *_, **__):
    """A metric that nobody lives to see the answer of."""
    calls.append(wh.build)
    return wh.frame(HEAVY, {})


@pytest.fixture
def limited(home, tmp_path):
    """A home whose pages may ask for a third of a second, and nothing that was asked before."""
    shutil.copytree(home / "builds", tmp_path / "builds")
    (tmp_path / "dwell.toml").write_text('query_timeout = "300 ms"\n')
    ask._open.clear()
    time_limit._ended.clear()
    yield tmp_path
    ask._open.clear()
    time_limit._ended.clear()


def test_a_reader_is_told_and_can_ask_for_less(open_page, limited, monkeypatch):
    # The build is open, and what every page asks is known, once another page was drawn.
    (limited / "dwell.toml").write_text("")
    open_page("pages/definitions.py", limited)
    ask._open.clear()
    (limited / "dwell.toml").write_text('query_timeout = "300 ms"\n')
    monkeypatch.setattr(overview, "totals", endless)
    test = open_page(OVERVIEW, limited)
    assert "took longer than 0.3 s and was ended" in texts(test)
    assert "Choose fewer days" in texts(test)
    # Drawn again, the page does not ask it again.
    asked = len(calls)
    test.run()
    assert "took longer than 0.3 s" in texts(test)
    assert len(calls) == asked > 0
    # The row of filters is there; what takes less is answered.
    monkeypatch.setattr(overview, "totals", real_totals)
    (limited / "dwell.toml").write_text('query_timeout = "30 s"\n')
    ask._open.clear()
    test.segmented_control(key="period").set_value("7").run()
    assert not test.exception
    assert "took longer" not in texts(test)
    assert test.get("plotly_chart")


def test_without_a_dwell_toml_that_can_be_read_the_usual_limit_holds(limited):
    (limited / "dwell.toml").write_text('query_timeot = "5 s"\n')
    with time_limit.limited(warehouse.open(limited)) as wh:
        assert wh.longest == 30


def test_others_are_answered_while_a_heavy_question_is_ended(limited):
    with (
        warehouse.open(limited) as wh,
        ThreadPoolExecutor(1) as other,
    ):
        overview.totals(wh, Filters())
        wh.longest = 2.0
        begun = time.monotonic()
        heavy = other.submit(endless, wh)
        asked = 0
        while not heavy.done():
            assert overview.totals(wh, Filters()).height == 1
            asked += 1
        with pytest.raises(BeyondLimit, match=r"longer than 2 s.*Choose fewer days"):
            heavy.result()
        assert time.monotonic() - begun < 20
        assert asked > 1
