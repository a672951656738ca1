"""What was noted of dropped texts: which files are looked at again, and what a broken note says."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from etl.lake.records import LakeFile
from etl.lake.text_limits import FILE, TextLimits, note_limits, read_limits

LIMIT = datetime(2026, 3, 11)  # noqa: DTZ001
DAY = timedelta(days=1)
NOTED = TextLimits({"web": LIMIT}, batch=4, record=7)


def file_of(first: datetime, last: datetime, batch: int, source: str = "web") -> LakeFile:
    """A file with those times and batches up to that number."""
    return LakeFile(
        "events/web/2026/1.parquet",
        source,
        rows=1,
        bytes=1,
        first_time=first.isoformat(),
        last_time=last.isoformat(),
        last_batch=batch,
    )


@pytest.mark.parametrize(
    ("file", "is_looked_at"),
    [
        (file_of(LIMIT - 9 * DAY, LIMIT - DAY, 4), False),
        (file_of(LIMIT - 9 * DAY, LIMIT - DAY, 5), True),
        (file_of(LIMIT - 9 * DAY, LIMIT, 4), True),
        (file_of(LIMIT, LIMIT + DAY, 4), True),
        (file_of(LIMIT + DAY, LIMIT + DAY, 9), False),
        (file_of(LIMIT - 9 * DAY, LIMIT - DAY, 4, "new"), True),
    ],
)
def test_a_file_is_looked_at_where_texts_may_have_become_too_old(
    file: LakeFile, is_looked_at: bool
) -> None:
    assert NOTED.may_hold(file, LIMIT + DAY) is is_looked_at


def test_a_note_is_read_as_it_was_written_until_the_lake_is_of_before(tmp_path: Path) -> None:
    note_limits(tmp_path, NOTED)
    assert read_limits(tmp_path, 7) == NOTED
    assert read_limits(tmp_path, 6) == TextLimits()
    assert NOTED.knows({"web": LIMIT}, 4)
    assert not NOTED.knows({"web": LIMIT}, 5)
    assert not NOTED.knows({"web": LIMIT + DAY}, 4)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"before": 3}', '{"before": {"web": "soon"}}'])
def test_a_broken_note_says_nothing_and_all_is_looked_at(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    assert read_limits(tmp_path, 7) == TextLimits()
