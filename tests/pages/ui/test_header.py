"""The line of facts, and what the chip on bots says."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import polars as pl
import pytest

from pages.ui import header
from warehouse import Filters

WAREHOUSE = SimpleNamespace(time_zone="UTC", build=3, scope=None)


@pytest.mark.parametrize(
    ("hours", "colour"), [(1, "gray"), (25, "orange"), (24 * 300, "orange"), (24 * 400, "gray")]
)
def test_data_is_late_until_it_is_history(monkeypatch, hours, colour):
    monkeypatch.setattr(header, "ask", lambda metric: pl.DataFrame({"status": ["loaded"]}))
    facts = header.data_facts(WAREHOUSE, header.utc_now() - timedelta(hours=hours))
    assert f":{colour}[" in facts


@pytest.mark.parametrize(
    ("bots", "counted", "chip"),
    [
        (0, False, ""),
        (1, False, "1 bot session left out"),
        (0, True, "0 bot sessions counted"),
    ],
)
def test_the_chip_on_bots_is_there_when_it_says_something(monkeypatch, bots, counted, chip):
    answer = pl.DataFrame({"bot_session_count": [bots]})
    monkeypatch.setattr(header, "ask", lambda *_: answer)
    assert header.bots_chip(Filters(include_bots=counted), dated=True) == chip
