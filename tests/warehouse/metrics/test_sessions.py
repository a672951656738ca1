"""The list of sessions, against the same list made of the table in Polars."""

from datetime import date, timedelta

import polars as pl
import pytest

import warehouse
from etl.errors import ConfigError
from tests.warehouse.small_builds import COLUMNS, NOON, session, write_build
from warehouse.filters import Filters
from warehouse.metrics import sessions

DAY = timedelta(days=1)
PAGES = (None, "/", "/Docs/a", "/docs/b", "/pricing")


@pytest.fixture(scope="module")
def ninety(tmp_path_factory):
    """Ninety sessions whose columns hold ties and nulls, some of them of a bot."""
    rows = [
        session(
            f"User{n % 7}",
            NOON - DAY * (n % 30) + timedelta(minutes=n % 3),
            seconds=(n * 37) % 600,
            session_id=f"s{n:02}",
            action_count=n % 4,
            error_count=n % 2,
            entry_page=PAGES[n % 5],
            exit_page=PAGES[n % 3],
            pattern=(None, "explorer", "confused")[n % 3],
            pattern_confidence=(None, 0.5, 0.75)[n % 3],
            tags=["a", "b"][: n % 3],
            is_bot=n % 11 == 0,
        )
        for n in range(90)
    ]
    home = tmp_path_factory.mktemp("ninety")
    write_build(home, rows)
    with warehouse.open(home) as wh:
        yield wh


def listed(wh, filters, order="start_time", descending=True):
    """The whole list, made of all rows without a line of SQL that the metric has."""
    frame = wh.sql("from user_sessions").pl().filter(~pl.col("is_bot"))
    if filters.start:
        frame = frame.filter(pl.col("start_date").is_between(filters.start, filters.end))
    return frame.sort(
        order, "start_time", "session_id", descending=[descending, True, False], nulls_last=True
    )


MARCH = Filters(start=date(2026, 3, 1), end=date(2026, 3, 31))


@pytest.mark.parametrize("descending", [True, False], ids=["down", "up"])
@pytest.mark.parametrize("order", sessions.ORDERS)
def test_the_search_is_ordered_with_unknown_values_last(ninety, order, descending):
    answer = sessions.search(ninety, MARCH, order_by=order, descending=descending, limit=None)
    assert answer.equals(listed(ninety, MARCH, order=order, descending=descending))
    assert answer.height > 20


def test_pages_of_the_search_follow_each_other_without_gap_or_overlap(ninety):
    pages = [
        sessions.search(ninety, Filters(), order_by="error_count", limit=25, offset=offset)
        for offset in (0, 25, 50, 75, 100)
    ]
    assert [page.height for page in pages] == [25, 25, 25, 6, 0]
    assert pl.concat(pages).equals(listed(ninety, Filters(), order="error_count"))


def test_the_search_has_all_columns_of_the_table_and_fifty_rows(ninety):
    answer = sessions.search(ninety, Filters())
    columns = [line.split()[0] for line in COLUMNS["user_sessions"].split(",")]
    assert answer.columns == columns
    assert answer.height == 50


def test_the_search_takes_the_conditions(ninety):
    filters = Filters(where={"tag": "b", "action_count": ">= 2"}, include_bots=True)
    answer = sessions.search(ninety, filters, limit=None)
    rows = ninety.sql("from user_sessions").pl().iter_rows(named=True)
    wanted = {row["session_id"] for row in rows if "b" in row["tags"] and row["action_count"] > 1}
    assert set(answer["session_id"]) == wanted
    assert sessions.count(ninety, filters).item() == len(wanted) > 0


def test_an_unknown_order_is_refused_with_a_hint(ninety):
    with pytest.raises(ConfigError, match="Did you mean 'duration_seconds'"):
        sessions.search(ninety, Filters(), order_by="duration_second")
