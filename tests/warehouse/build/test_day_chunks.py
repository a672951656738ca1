"""Chunks of the lake: whole days, as many together as fit, and where others begin."""

from datetime import date
from pathlib import Path

import pytest

from etl.lake import Lake
from warehouse.build import day_chunks
from warehouse.build.day_chunks import chunks_of_days, fits_in_memory

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
def test_chunks_put_days_together_and_know_where_others_begin(
    tmp_path: Path,
    files: list[str],
    monkeypatch: pytest.MonkeyPatch,
    most_bytes: int,
    days: list[tuple[date, ...]],
    seams: list[tuple[date | None, date | None]],
) -> None:
    monkeypatch.setattr(day_chunks, "CHUNK_BYTES", most_bytes)
    chunks = chunks_of_days(Lake(tmp_path), files)
    assert [
        tuple(date.fromisoformat(name.split("=")[1][:10]) for name in chunk.files)
        for chunk in chunks
    ] == days
    assert [(chunk.since, chunk.until) for chunk in chunks] == seams
    assert sorted(name for chunk in chunks for name in chunk.files) == sorted(files)


@pytest.mark.parametrize(("most_bytes", "fits"), [(40, True), (39, False)])
def test_a_lake_fits_in_memory_up_to_a_size(
    tmp_path: Path,
    files: list[str],
    monkeypatch: pytest.MonkeyPatch,
    most_bytes: int,
    fits: bool,
) -> None:
    monkeypatch.setattr(day_chunks, "LAKE_BYTES", most_bytes)
    assert fits_in_memory(Lake(tmp_path), files) is fits


def test_chunks_of_no_file_are_none(tmp_path: Path) -> None:
    assert chunks_of_days(Lake(tmp_path), []) == []
