"""Chunks of the lake: whole days, as many together as fit, and where others begin."""

from datetime import date

import pytest

from etl.lake.records import LakeFile
from warehouse.build import day_chunks
from warehouse.build.day_chunks import chunks_of_days, fits_in_memory


def file(name: str, first: str, last: str | None = None, size: int = 10) -> LakeFile:
    """A file of March with events of these days."""
    return LakeFile(
        name=name, source="web", rows=1, bytes=size,
        first_time=f"2026-03-{first}T01:00:00", last_time=f"2026-03-{last or first}T23:00:00",
    )  # fmt: skip


DAYS = [file("c", "02"), file("a", "01"), file("d", "05"), file("b", "01")]
MONTH = file("m", "01", "31", size=310)


@pytest.mark.parametrize(
    ("files", "most_bytes", "chunks"),
    [
        pytest.param(
            DAYS, 1, ["ab until 2026-03-02", "c from 2026-03-02 until 2026-03-03",
                      "d from 2026-03-05"],
            id="a day is never divided",
        ),
        pytest.param(
            DAYS, 30, ["abc until 2026-03-03", "d from 2026-03-05"], id="as many days as fit"
        ),
        pytest.param(DAYS, 40, ["abcd"], id="all in one has no seam"),
        pytest.param([], 40, [], id="no file"),
        pytest.param([MONTH, *DAYS], 200, ["abmcd"], id="what overlaps is one chunk"),
        pytest.param(
            [MONTH, *DAYS], 80, ["abmc until 2026-03-05", "md from 2026-03-05 until 2026-03-12",
                                 "m from 2026-03-12 until 2026-03-20",
                                 "m from 2026-03-20 until 2026-03-28", "m from 2026-03-28"],
            id="what overlaps and is too large is cut at midnights",
        ),
    ],
)  # fmt: skip
def test_chunks_put_days_together_and_know_where_others_begin(
    monkeypatch: pytest.MonkeyPatch, files: list[LakeFile], most_bytes: int, chunks: list[str]
) -> None:
    monkeypatch.setattr(day_chunks, "CHUNK_BYTES", most_bytes)
    found = []
    for chunk in chunks_of_days(files):
        said = "".join(one.name for one in chunk.files)
        said += f" from {chunk.since}" if chunk.since else ""
        found.append(said + (f" until {chunk.until}" if chunk.until else ""))
    assert found == chunks


@pytest.mark.parametrize(("most_bytes", "fits"), [(40, True), (39, False)])
def test_a_lake_fits_in_memory_up_to_a_size(
    monkeypatch: pytest.MonkeyPatch, most_bytes: int, fits: bool
) -> None:
    monkeypatch.setattr(day_chunks, "LAKE_BYTES", most_bytes)
    assert fits_in_memory(DAYS) is fits


def test_events_of_a_chunk_are_told_by_their_times_where_its_files_have_others() -> None:
    since, until = date(2026, 3, 2), date(2026, 3, 6)
    chunk = day_chunks.DayChunk((MONTH,), since, until)
    assert chunk.condition == (
        "event_time >= timestamp '2026-03-02' and event_time < timestamp '2026-03-06'"
    )
    assert day_chunks.DayChunk((file("c", "02"),), since, until).condition == "true"
    assert day_chunks.DayChunk((MONTH,), None, None).condition == "true"
