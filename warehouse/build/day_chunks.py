"""Cuts the lake into pieces of whole days, which are sessionised one by one. Opens no file.

A session may go on from one piece into the next. Those that come near the seam between two
pieces are set aside and made together afterwards, from all pieces: see
warehouse/build/sessioniser.py.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from etl.lake import Lake
from etl.lake.manifest import day_of

# A piece is held in memory, and as many of them as there are cores: some hundred thousand events.
CHUNK_BYTES = 16_000_000


@dataclass(frozen=True)
class DayChunk:
    """Files below the lake, and the UTC days at which other pieces end and begin.

    since  its first day; None when no piece lies before it
    until  the day after its last; None when no piece lies behind it
    """

    files: tuple[str, ...]
    since: date | None
    until: date | None


def chunks_of_days(lake: Lake, files: Sequence[str]) -> list[DayChunk]:
    """The pieces of the files, oldest first; none when there is no file."""
    portions = list(_portions(lake, files))
    first_days = [date.fromisoformat(day_of(portion[0])) for portion in portions]
    last_days = [date.fromisoformat(day_of(portion[-1])) for portion in portions]
    return [
        DayChunk(
            tuple(portion),
            since=None if number == 0 else first_days[number],
            until=None if number + 1 == len(portions) else last_days[number] + timedelta(days=1),
        )
        for number, portion in enumerate(portions)
    ]


def _portions(lake: Lake, files: Sequence[str]) -> Iterator[list[str]]:
    portion: list[str] = []
    size = 0
    for _, names in groupby(sorted(files, key=day_of), key=day_of):
        day = list(names)
        day_size = sum((lake.root / name).stat().st_size for name in day)
        if portion and size + day_size > CHUNK_BYTES:
            yield portion
            portion, size = [], 0
        portion += day
        size += day_size
    if portion:
        yield portion
