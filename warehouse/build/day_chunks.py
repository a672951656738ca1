"""Cuts the lake into chunks of whole days, which are sessionised one by one. Opens no file.

A session may go on from one chunk into the next. Those that come near the seam between two
chunks are set aside and made together afterwards, from all chunks: see
warehouse/build/sessioniser.py.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from etl.lake import Lake
from etl.lake.manifest import day_of

# A chunk is held in memory, and as many of them as there are cores: some hundred thousand events.
CHUNK_BYTES = 16_000_000
# A lake of so much is held in memory as a whole: two chunks, or a million events of few columns.
LAKE_BYTES = 32_000_000


@dataclass(frozen=True)
class DayChunk:
    """Files below the lake, and the UTC days at which other chunks end and begin.

    since  its first day; None when no chunk lies before it
    until  the day after its last; None when no chunk lies behind it
    """

    files: tuple[str, ...]
    since: date | None
    until: date | None


def fits_in_memory(lake: Lake, files: Sequence[str]) -> bool:
    """Whether the files need no chunks."""
    return _size_of(lake, files) <= LAKE_BYTES


def chunks_of_days(lake: Lake, files: Sequence[str]) -> list[DayChunk]:
    """The chunks of the files, oldest first; none when there is no file."""
    groups = list(_groups_of_days(lake, files))
    first_days = [date.fromisoformat(day_of(group[0])) for group in groups]
    last_days = [date.fromisoformat(day_of(group[-1])) for group in groups]
    return [
        DayChunk(
            tuple(group),
            since=None if number == 0 else first_days[number],
            until=None if number + 1 == len(groups) else last_days[number] + timedelta(days=1),
        )
        for number, group in enumerate(groups)
    ]


def _groups_of_days(lake: Lake, files: Sequence[str]) -> Iterator[list[str]]:
    group: list[str] = []
    size = 0
    for _, names in groupby(sorted(files, key=day_of), key=day_of):
        day = list(names)
        day_size = _size_of(lake, day)
        if group and size + day_size > CHUNK_BYTES:
            yield group
            group, size = [], 0
        group += day
        size += day_size
    if group:
        yield group


def _size_of(lake: Lake, files: Sequence[str]) -> int:
    return sum((lake.root / name).stat().st_size for name in files)
