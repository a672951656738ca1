"""What a period is compared with, and pages on which there is nothing to compare."""

from __future__ import annotations

import json
from datetime import date

import pytest

from pages.ui import comparing
from pages.ui.comparing import Before
from tests.pages.conftest import texts
from tests.pages.seen import cards, tables

FIRST = date(2009, 9, 28)


def row(**changed):
    days = {
        "current_start": date(2026, 11, 1),
        "current_end": date(2026, 11, 28),
        "previous_start": date(2026, 10, 4),
        "previous_end": date(2026, 10, 31),
    }
    return {"previous": 4876.0, "is_covered": True, **days, **changed}


@pytest.mark.parametrize(
    ("changed", "compare", "words"),
    [
        ({}, "weekday", "1 to 28 Nov 2026 against 4 to 31 Oct 2026, same weekdays"),
        ({}, "previous", "1 to 28 Nov 2026 against 4 to 31 Oct 2026"),
        ({}, "none", "Not compared."),
        ({"is_covered": False}, "year", "Nothing to compare: the data begins 28 Sep 2009."),
        ({"previous": 0}, "weekday", "Nothing to compare: no sessions from 4 to 31 Oct 2026."),
        (
            {"current_start": None},
            "weekday",
            "Nothing to compare yet: the period holds no complete day.",
        ),
    ],
)
def test_the_comparison_is_said_in_one_sentence(changed, compare, words):
    assert comparing.before(row(**changed), FIRST, compare) == Before(
        is_there=" against " in words, sentence=words
    )


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
