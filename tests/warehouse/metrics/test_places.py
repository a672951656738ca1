"""Values, Other, not known, total: in this order, whatever is broken down."""

from collections import Counter
from itertools import groupby

import pytest

from tests.warehouse.small_builds import session
from warehouse.filters import Filters
from warehouse.metrics import breakdowns, overview

# Most sessions tell nothing, so that what is not known would come first by its number.
COUNTS = {None: 9, "Zen": 5, "Edge": 4, "Opera": 3, "Lynx": 2, "Arc": 1}
KNOWN = ["Zen", "Edge"]


@pytest.fixture
def wh(open_build):
    told = list(Counter(COUNTS).elements())
    return open_build(
        [
            session(f"u{number}", browser=value, os=told[-number])
            for number, value in enumerate(told)
        ]
    )


def kind(value, *, is_other, is_total=False):
    return "total" if is_total else "other" if is_other else value


def kinds(frame, value="value", other="is_other", total="is_total"):
    """The rows, or one side of the cells, as they come, each once."""
    rows = frame.iter_rows(named=True)
    every = [kind(r[value], is_other=r[other], is_total=r.get(total, False)) for r in rows]
    return [each for each, _ in groupby(every)]


@pytest.mark.parametrize("metric", ["session_count", "bounce_rate"])
def test_rows_of_a_breakdown_stand_in_one_order(wh, metric):
    for frame in (
        breakdowns.by(wh, Filters(), "browser", (metric,), limit=3),
        breakdowns.change(wh, Filters(), "browser", (metric,), limit=3),
    ):
        assert kinds(frame) == [*KNOWN, "other", None, "total"]
    assert kinds(overview.breakdown(wh, Filters(), "browser", limit=3)) == [*KNOWN, "other", None]
    every = breakdowns.by(wh, Filters(), "browser", limit=breakdowns.ALL)
    assert kinds(every) == ["Zen", "Edge", "Opera", "Lynx", "Arc", None, "total"]


def test_both_sides_of_a_cross_tab_stand_in_one_order(wh):
    cells = breakdowns.crosstab(wh, Filters(), "browser", "os", "session_count", 3, 4)
    rows = kinds(cells, "row_value", "is_row_other", "is_column_total")
    assert rows == [*KNOWN, "other", None, "total"]
    columns = ("column_value", "is_column_other", "is_row_total")
    for at in range(5):
        line = kinds(cells.slice(at * 6, 6), *columns)
        assert line == [*KNOWN, "Opera", "other", None, "total"]


def test_values_of_a_period_stand_in_one_order(wh):
    frame = breakdowns.daily_by(wh, Filters(), "browser", limit=2)
    assert kinds(frame) == [*KNOWN, "other", None]
