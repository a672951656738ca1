"""Half a million interactions of MathOverflow: known totals, in whatever order they come."""

from collections.abc import Callable
from pathlib import Path

import pytest

import warehouse
from tests.make import build_home, load_files

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
