"""Pieces of the lake: whole days, as many together as fit, and where others begin."""

from datetime import date
from pathlib import Path

import pytest

from etl.lake import Lake
from etl.layout import day_of
from warehouse import pieces
from warehouse.pieces import pieces_of

FIRST, SECOND, THIRD = date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 5)


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Files of 10 bytes: two of the first day, one each of two others, in no order."""
    names = [
        f"events/event_date={day}/{name}.parquet"
        for name, day in (("a", SECOND), ("a", FIRST), ("a", THIRD), ("b", FIRST))
    ]
    for name in names:
        path = Lake(tmp_path).root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"." * 10)
    return names


@pytest.mark.parametrize(
    ("most_bytes", "days", "seams"),
    [
        pytest.param(
            1,
            [(FIRST, FIRST), (SECOND,), (THIRD,)],
            [(None, SECOND), (SECOND, date(2026, 3, 3)), (THIRD, None)],
            id="a day is never divided",
        ),
        pytest.param(
            30, [(FIRST, FIRST, SECOND), (THIRD,)], [(None, date(2026, 3, 3)), (THIRD, None)],
            id="as many days as fit",
        ),
        pytest.param(
            40, [(FIRST, FIRST, SECOND, THIRD)], [(None, None)], id="all in one has no seam"
        ),
    ],
)  # fmt: skip
def test_days_are_put_together_and_know_where_others_begin(
    tmp_path: Path,
    files: list[str],
    monkeypatch: pytest.MonkeyPatch,
    most_bytes: int,
    days: list[tuple[date, ...]],
    seams: list[tuple[date | None, date | None]],
) -> None:
    monkeypatch.setattr(pieces, "PIECE_BYTES", most_bytes)
    found = pieces_of(Lake(tmp_path), files)
    assert [
        tuple(date.fromisoformat(name.split("=")[1][:10]) for name in piece.files)
        for piece in found
    ] == days
    assert [(piece.since, piece.until) for piece in found] == seams
    assert sorted(name for piece in found for name in piece.files) == sorted(files)


@pytest.mark.parametrize(
    ("most_bytes", "is_sorted", "wanted"),
    [
        pytest.param(40, {FIRST, SECOND, THIRD}, [False], id="a day of two files"),
        pytest.param(30, {FIRST, SECOND, THIRD}, [False, True], id="days of one sorted file each"),
        pytest.param(20, {SECOND}, [False, False], id="one file of two is not sorted"),
        pytest.param(20, {SECOND, THIRD}, [False, True], id="both are"),
        pytest.param(20, set(), [False, False], id="none is"),
    ],
)
def test_a_piece_is_in_order_when_each_day_is_one_sorted_file(
    tmp_path: Path,
    files: list[str],
    monkeypatch: pytest.MonkeyPatch,
    most_bytes: int,
    is_sorted: set[date],
    wanted: list[bool],
) -> None:
    monkeypatch.setattr(pieces, "PIECE_BYTES", most_bytes)
    names = {name for name in files if date.fromisoformat(day_of(name)) in is_sorted}
    assert [piece.is_in_order for piece in pieces_of(Lake(tmp_path), files, names)] == wanted


def test_no_file_is_no_piece(tmp_path: Path) -> None:
    assert pieces_of(Lake(tmp_path), []) == []
