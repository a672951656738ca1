"""A file and the way it is read. Never reads a row."""

from dataclasses import dataclass
from pathlib import Path

from etl.formats.field_map import FieldMap
from etl.formats.format import Format, Request
from etl.formats.id_objects import by_their_ids
from etl.formats.registry import detect
from etl.read.container import state_of
from etl.read.sample import Sample, look_at


@dataclass(frozen=True)
class ReadPlan:
    """A file and how it is read.

    `size` and `mtime_ns` are the file's before its first byte was looked at.
    """

    sample: Sample
    format: Format
    request: Request
    source: str
    stream: str
    size: int
    mtime_ns: int

    def field_maps(self, columns: tuple[str, ...] | None = None) -> list[FieldMap]:
        """The maps of the file's records, given all their columns; else those of the sample."""
        maps = self.format.field_maps(self.sample, self.request, columns or self.sample.columns)
        return [by_their_ids(field_map, self.sample.records) for field_map in maps]

    def has_changed(self) -> bool:
        """Whether the file is another one than when it was first looked at, or gone."""
        try:
            stat = self.sample.path.stat()
        except OSError:
            return True
        return (stat.st_size, stat.st_mtime_ns) != (self.size, self.mtime_ns)


def look(path: Path, request: Request) -> ReadPlan:
    """How the file will be read. SourceError when that cannot be told."""
    numbered = any(column.isdecimal() for column in request.map.values())
    stat = state_of(path)
    sample = look_at(path, header=not numbered)
    known = detect(sample, request)
    return ReadPlan(
        known.refine(sample),
        known,
        request,
        request.source or known.name,
        request.sessions or known.sessions,
        stat.st_size,
        stat.st_mtime_ns,
    )
