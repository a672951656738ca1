"""Half a million interactions of MathOverflow: known totals, in whatever order they come."""

from collections.abc import Callable
from pathlib import Path

import pytest

import warehouse
from tests.make import build_home, load_files

pytestmark = [pytest.mark.peer_data, pytest.mark.xdist_group("mathoverflow")]

CONTENT = """
    select count(*), sum(hash(user_sessions)), bit_xor(hash(user_sessions)) from user_sessions
"""
REQUEST = {"source": "mathoverflow", "map": {"user": "1", "time": "3"}}


@pytest.fixture(scope="module")
def files(peer_data: Callable[[str], Path]) -> list[Path]:
    """Answers to questions, comments on questions, comments on answers."""
    return sorted(peer_data("real-mathoverflow-interactions").glob("*.txt.gz"))


@pytest.fixture(scope="module")
def in_one_go(files: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of one load of all three."""
    home = tmp_path_factory.mktemp("mathoverflow") / "home"
    outcomes = load_files(home, *files, **REQUEST)
    assert [one.rows_read for one in outcomes] == [107_581, 195_330, 203_639]
    assert sum(one.rows_loaded for one in outcomes) == 506_550
    build_home(home)
    return home


def test_the_sessions_have_the_known_totals(in_one_go: Path) -> None:
    with warehouse.open(in_one_go) as wh:
        totals = wh.sql(
            "select sum(event_count), count(distinct user_id), count(*), "
            "sum(duration_seconds), count(*) filter (event_count = 1) from user_sessions"
        ).fetchall()
    assert totals == [(506_550, 19_774, 400_019, 61_102_457, 325_610)]


def test_file_by_file_in_another_order_makes_the_same_sessions(
    in_one_go: Path, files: list[Path], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    for file in files[::-1]:
        load_files(home, file, **REQUEST)
        build_home(home)
    with warehouse.open(in_one_go) as one, warehouse.open(home) as other:
        assert one.sql(CONTENT).fetchall() == other.sql(CONTENT).fetchall()
