"""Half a million interactions of MathOverflow: known totals, in whatever order they come."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

import warehouse
from tests.make import build_home, load_files
from warehouse.metrics import retention

pytestmark = pytest.mark.peer_data

TOTALS = """
    select sum(event_count), count(distinct user_id), count(*), sum(duration_seconds),
        count(*) filter (event_count = 1)
    from user_sessions
"""
# Numbers of users are given as they come.
CONTENT = """
    select count(*), sum(hash(sessions)), bit_xor(hash(sessions))
    from (select * exclude (user_key) from user_sessions) as sessions
"""
REQUEST = {"source": "mathoverflow", "map": {"user": "1", "time": "3"}}


# Users back after so many months, by the month of their first event.
MONTHS = {
    date(2009, 9, 1): [8, 6, 6, 6, 4, 6, 5],
    date(2009, 10, 1): [479, 247, 198, 174, 175, 176, 182],
    date(2009, 11, 1): [355, 128, 100, 87, 108, 99, 92],
}
# Users with an event on days 0 to 6, 7 to 13, and so on from their own first day.
WEEKS_OF_ONES_OWN = [19_774, 2361, 1844, 1567, 1448]


def assert_known_retention(wh: warehouse.Warehouse) -> None:
    period = warehouse.Filters(start=date(2009, 9, 1), end=date(2009, 11, 30))
    by_month = retention.matrix(wh, period, "month")
    for cohort, counts in MONTHS.items():
        told = by_month.filter(by_month["cohort_start"] == cohort)["user_count"]
        assert told.to_list()[: len(counts)] == counts
    brackets = [(7 * n, 7 * n + 6) for n in range(5)]
    by_day = retention.matrix(wh, warehouse.Filters(), "day", "bracket", brackets=brackets)
    sums = [by_day.filter(by_day["period_number"] == n)["user_count"].sum() for n in range(5)]
    assert sums == WEEKS_OF_ONES_OWN


# One test, so that two workers do not load the half million twice.
def test_one_go_and_file_by_file_in_another_order_make_the_same_known_sessions(
    peer_data: Callable[[str], Path], tmp_path: Path
) -> None:
    files = sorted(peer_data("real-mathoverflow-interactions").glob("*.txt.gz"))
    outcomes = load_files(tmp_path / "one", *files, **REQUEST)
    assert [one.rows_read for one in outcomes] == [107_581, 195_330, 203_639]
    assert [one.rows_loaded for one in outcomes] == [107_581, 195_330, 203_639]
    build_home(tmp_path / "one")
    last, middle, first = files
    load_files(tmp_path / "other", first, **REQUEST)
    build_home(tmp_path / "other")
    load_files(tmp_path / "other", middle, **REQUEST)
    load_files(tmp_path / "other", last, **REQUEST)
    build_home(tmp_path / "other")
    with warehouse.open(tmp_path / "one") as one, warehouse.open(tmp_path / "other") as other:
        totals = one.sql(TOTALS).fetchall()
        assert totals == [(506_550, 19_774, 400_019, 61_102_457, 325_610)]
        assert one.sql(CONTENT).fetchall() == other.sql(CONTENT).fetchall()
        assert_known_retention(one)
