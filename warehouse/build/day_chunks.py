"""Cuts the lake into chunks of whole days, which are sessionised one by one. Opens no file.

A session may go on from one chunk into the next. Those that come near the seam between two
chunks are set aside and made together afterwards, from all chunks: see
warehouse/build/sessioniser.py.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from etl.lake.portions import in_portions
from etl.lake.records import LakeFile

# A chunk is held in memory, and as many of them as there are cores: some hundred thousand events.
CHUNK_BYTES = 16_000_000
# A lake of so much is held in memory as a whole: two chunks, or a million events of few columns.
LAKE_BYTES = 32_000_000
# Files whose times overlap are one chunk up to so many times that. Beyond it they are cut at
# midnights, and one that spans several chunks is read for each.
_OVERLAPPING = 4
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class DayChunk:
    """Files, and the UTC days at which other chunks end and begin.

    since  its first day; None when no chunk lies before it
    until  the day after its last; None when no chunk lies behind it
    """

    files: tuple[LakeFile, ...]
    since: date | None
    until: date | None

    @property
    def condition(self) -> str:
        """SQL of what its events meet; `true` where its files hold no others."""
        conditions = []
        if self.since and any(file.first_day < self.since for file in self.files):
            conditions.append(f"event_time >= timestamp '{self.since}'")
        if self.until and any(file.last_day >= self.until for file in self.files):
            conditions.append(f"event_time < timestamp '{self.until}'")
        return " and ".join(conditions) or "true"


@dataclass(frozen=True)
class _Days:
    """Whole days, the files that have events in them, and how large these are there, about."""

    first: date
    last: date
    files: tuple[LakeFile, ...]
    bytes: float


def fits_in_memory(files: Sequence[LakeFile]) -> bool:
    """Whether the files need no chunks."""
    return sum(file.bytes for file in files) <= LAKE_BYTES


def chunks_of_days(files: Sequence[LakeFile]) -> list[DayChunk]:
    """The chunks of the files, oldest first; none when there is no file."""
    groups = list(in_portions(_days_apart(files), lambda days: days.bytes, CHUNK_BYTES))
    last = len(groups) - 1
    return [
        DayChunk(
            tuple(dict.fromkeys(file for days in group for file in days.files)),
            since=None if number == 0 else group[0].first,
            until=None if number == last else group[-1].last + _DAY,
        )
        for number, group in enumerate(groups)
    ]


def _days_apart(files: Sequence[LakeFile]) -> Iterator[_Days]:
    """Days that have no file in common, in order; where too much overlaps, days that have."""
    group: list[LakeFile] = []
    last = date.min
    for file in sorted(files, key=lambda file: (file.first_time, file.name)):
        if group and file.first_day > last:
            yield from _cut(group)
            group = []
        group.append(file)
        last = max(last, file.last_day)
    if group:
        yield from _cut(group)


def _cut(files: Sequence[LakeFile]) -> Iterator[_Days]:
    """The files whole, or if they are too large, day by day."""
    first, last = files[0].first_day, max(file.last_day for file in files)
    size = sum(file.bytes for file in files)
    if size <= _OVERLAPPING * CHUNK_BYTES or first == last:
        yield _Days(first, last, tuple(files), size)
        return
    day = first
    while day <= last:
        here = tuple(file for file in files if file.first_day <= day <= file.last_day)
        parts = (file.bytes / ((file.last_day - file.first_day).days + 1) for file in here)
        if here:
            yield _Days(day, day, here, sum(parts))
        day += _DAY


def midnight(day: date | None) -> datetime | None:
    """The beginning of a UTC day, naive."""
    return datetime(day.year, day.month, day.day) if day else None  # noqa: DTZ001
