"""Cross-tabs against cells that are counted one by one in Python."""

from collections import Counter
from datetime import timedelta
from statistics import fmean, median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.errors import ConfigError
from tests.warehouse.small_builds import NOON, session, write_build
from warehouse import connection
from warehouse.filters import Filters
from warehouse.metrics import breakdowns, overview

TAGS = ("a", "b", "c", "d")
ROWS = [
    session(
        f"user {number % 13}",
        NOON + timedelta(minutes=7 * number),
        seconds=(number * 37) % 900 if number % 11 else 90_000,
        browser=(None, "Zen", "Edge", "Opera", "Zen", "Zen", "Lynx")[number % 7],
        device_type=("desktop", "mobile", None)[number % 5 % 3],
        tags=[tag for at, tag in enumerate(TAGS) if number % (at + 2) == 0],
        query_types=["how", "what"][: number % 3],
        is_open=number % 9 == 0,
        action_count=number % 4,
    )
    for number in range(180)
]
VALUES = {
    "browser": lambda row: [row["browser"]],
    "device_type": lambda row: [row["device_type"]],
    "weekday": lambda row: [str(row["start_date"].isoweekday())],
    "tag": lambda row: row["tags"] or [None],
    "query_type": lambda row: row["query_types"] or [None],
}


def _bounces(rows):
    closed = [row["is_bounce"] for row in rows if not row["is_open"]]
    return sum(closed) / len(closed) if closed else None


def _timed(rows):
    return [row["duration_seconds"] for row in rows if not row["is_suspect"]]


METRICS = {
    "session_count": len,
    "user_count": lambda rows: len({row["user_id"] for row in rows}),
    "bounce_rate": _bounces,
    "median_duration_seconds": lambda rows: median(_timed(rows)) if _timed(rows) else None,
    "actions_per_session": lambda rows: fmean(r["action_count"] for r in rows) if rows else None,
}
OTHER, TOTAL = object(), object()


@pytest.fixture(scope="module")
def wh(tmp_path_factory):
    home = tmp_path_factory.mktemp("crosstab")
    write_build(home, ROWS)
    with connection.open(home) as opened:
        yield opened


def cells(frame):
    """The value of each cell, by the names of its sides."""

    def side(row, name, total):
        return TOTAL if row[total] else OTHER if row[f"is_{name}_other"] else row[f"{name}_value"]

    return {
        (side(row, "row", "is_column_total"), side(row, "column", "is_row_total")): row["value"]
        for row in frame.iter_rows(named=True)
    }


def shown(dimension, limit):
    counts = Counter(value for row in ROWS for value in VALUES[dimension](row))
    ranked = sorted(counts, key=lambda value: (-counts[value], value is None, value or ""))
    return ranked[:limit], bool(ranked[limit:])


def sides(dimension, limit):
    """Each row or column, and whether a session is in it."""
    values, has_rest = shown(dimension, limit)
    of = VALUES[dimension]
    found = {value: (lambda row, value=value: value in of(row)) for value in values}
    if has_rest:
        found[OTHER] = lambda row: bool(set(of(row)) - set(values))
    return found | {TOTAL: lambda row: True}


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(
    ("rows", "columns", "limit", "column_limit"),
    [
        ("browser", "device_type", 2, 10),
        ("tag", "browser", 2, 1),
        ("query_type", "tag", 1, 2),
        ("weekday", "tag", 10, 10),
        ("browser", "tag", 0, 0),
    ],
)
def test_every_cell_is_that_of_its_sessions(wh, rows, columns, limit, column_limit, metric):
    answer = cells(breakdowns.crosstab(wh, Filters(), rows, columns, metric, limit, column_limit))
    wanted = {
        (one, two): METRICS[metric]([row for row in ROWS if in_row(row) and in_column(row)])
        for one, in_row in sides(rows, limit).items()
        for two, in_column in sides(columns, column_limit).items()
    }
    assert answer.keys() == wanted.keys()
    for cell, value in wanted.items():
        assert answer[cell] == pytest.approx(value, abs=1e-9), cell
    whole = overview.totals(wh, Filters())[metric][0]
    assert answer[TOTAL, TOTAL] == pytest.approx(whole, rel=1e-12)


ONE_VALUED = ("browser", "device_type", "weekday", "is_new_user", "exit_reason")


@settings(max_examples=15, deadline=None)
@given(
    st.permutations(ONE_VALUED),
    st.integers(0, 3),
    st.integers(0, 3),
    st.sampled_from(["session_count", "one_event_session_count", "open_session_count"]),
    st.sampled_from([{}, {"browser": "!= Zen"}, {"tag": "a"}, {"duration_seconds": ">= 300"}]),
)
def test_parts_add_up_to_the_totals(wh, names, limit, column_limit, metric, where):
    filters = Filters(where=where)
    answer = cells(breakdowns.crosstab(wh, filters, *names[:2], metric, limit, column_limit))
    for at in (0, 1):
        for side in {cell[at] for cell in answer}:
            line = {cell: value for cell, value in answer.items() if cell[at] == side}
            total = next(value for cell, value in line.items() if cell[1 - at] is TOTAL)
            assert sum(line.values()) == 2 * total
    assert answer[TOTAL, TOTAL] == overview.totals(wh, filters)[metric][0]


def test_rows_and_columns_come_by_sessions_then_the_rest_then_the_total(wh):
    frame = breakdowns.crosstab(wh, Filters(), "browser", "device_type", "session_count", 2, 2)
    assert frame.columns == [
        *("row_value", "column_value", "value", "is_row_total", "is_column_total"),
        *("is_row_other", "is_column_other", "session_count"),
    ]
    names = [name for name in dict.fromkeys(cell[0] for cell in cells(frame))]
    assert names == [*shown("browser", 2)[0], OTHER, TOTAL]
    across = [name for name in dict.fromkeys(cell[1] for cell in cells(frame))]
    assert across == [*shown("device_type", 2)[0], OTHER, TOTAL]


def test_a_cell_without_sessions_is_told_as_none_and_its_rate_as_not_known(open_build):
    wh = open_build([session("ann", browser="Zen", os="A"), session("bob", browser="Edge")])
    counts = cells(breakdowns.crosstab(wh, Filters(), "browser", "os", "session_count"))
    assert counts["Edge", "A"] == 0
    rates = cells(breakdowns.crosstab(wh, Filters(), "browser", "os", "bounce_rate"))
    assert rates["Edge", "A"] is None


def test_a_user_of_a_visit_past_midnight_is_in_its_cell(open_build):
    late = session("ann", NOON.replace(hour=23, minute=50), seconds=1800, browser="Zen", os="A")
    day = (NOON + timedelta(days=1)).date()
    wh = open_build([late, session("bob", NOON + timedelta(days=1), browser="Zen", os="A")])
    frame = breakdowns.crosstab(wh, Filters(day, day), "browser", "os", "user_count")
    assert cells(frame) == {(one, two): 2 for one in ("Zen", TOTAL) for two in ("A", TOTAL)}
    assert frame["session_count"].to_list() == [1] * 4


def test_cross_tab_of_nothing_has_no_rows(open_build):
    wh = open_build([])
    assert breakdowns.crosstab(wh, Filters(), "browser", "tag", "user_count").is_empty()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("browsers", "os", "session_count"), "Did you mean 'browser'"),
        (("browser", "os", "sessions"), "Did you mean 'session_count'"),
        (("browser", "browser", "session_count"), "Name two dimensions"),
        (("browser", "os", "session_count", -1), "Give 0 or more"),
        (("browser", "os", "session_count", 1, -1), "Give 0 or more"),
    ],
)
def test_cross_tab_that_cannot_be_is_refused(wh, arguments, sentence):
    with pytest.raises(ConfigError, match=sentence):
        breakdowns.crosstab(wh, Filters(), *arguments)
