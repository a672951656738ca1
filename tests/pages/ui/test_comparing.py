"""Pages on which there is nothing to compare."""

from __future__ import annotations

import json

import pytest

from tests.pages.conftest import texts
from tests.pages.seen import cards, tables

# The home holds 40 days: none before them, and of the last ten some.
ADDRESSES = {
    "some days before": ({"period": "7"}, True),
    "no days before": ({"period": "90"}, False),
    "fewer days before": ({"period": "30"}, False),
    "not compared": ({"period": "7", "compare": "none"}, False),
    "no complete day": ({"period": "1"}, False),
    "no such sessions before": ({"period": "7", "compare": "2026-10-01..2026-10-02"}, False),
}


@pytest.mark.parametrize(("address", "is_there"), ADDRESSES.values(), ids=ADDRESSES)
def test_where_there_is_nothing_to_compare_no_page_has_room_for_it(
    open_page, home, address, is_there
):
    test = open_page("app.py", home, **address)
    assert ("othing to compare" in texts(test) or "Not compared." in texts(test)) is not is_there
    assert any(card.change for card in cards(test).values()) is is_there
    [trend] = [plot.proto for plot in test.get("plotly_chart") if "trend" in plot.proto.id]
    drawn = json.loads(trend.spec)
    names = {line["name"] for line in drawn["data"]}
    names |= {note["text"] for note in drawn["layout"]["annotations"]}
    assert bool(names & {"previous", "other days"}) is is_there
    assert ("in grey" in trend.alt) is is_there

    test = open_page("pages/breakdowns.py", home, **address, sort="session_count_change")
    heads = tables(test)[0][0].keys()
    assert any(head.startswith("\u0394") for head in heads) is is_there
