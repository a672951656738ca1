"""What a period is compared with, in a sentence."""

from datetime import date

import pytest

from warehouse.metrics import compared
from warehouse.metrics.compared import Before

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
    assert compared.before(row(**changed), FIRST, compare) == Before(
        is_there=" against " in words, sentence=words
    )
