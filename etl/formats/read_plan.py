"""A file and the way it is read. Never reads a row."""

from dataclasses import dataclass
from pathlib import Path

from etl.errors import NoEvents, SourceError
from etl.formats.events import is_collected
from etl.formats.field_map import FieldMap, constant_of
from etl.formats.format import Format, Request
from etl.formats.id_objects import by_their_ids
from etl.formats.likely_columns import Taken
from etl.formats.recognise import recognise
from etl.read.container import state_of
from etl.read.sample import Sample, look_at
from etl.read.side_files import what_it_is
from etl.read.unpack import members_of


@dataclass(frozen=True)
class ReadPlan:
    """A file and how it is read.

    `path`: the file as it is told; of a packed one the sample is of a plain copy. `size` and
    `mtime_ns` are the file's before its first byte was looked at; of a member of an archive its
    own size, and the archive's time. `on_disk`: the file, or the archive that holds it, and its
    size.
    """

    path: Path
    sample: Sample
    format: Format
    request: Request
    source: str
    stream: str
    size: int
    mtime_ns: int
    on_disk: tuple[Path, int]

    @property
    def is_collected(self) -> bool:
        """Whether the collector wrote it: see events.py."""
        return self.format.name == "events" and is_collected(self.sample)

    def field_maps(self, columns: tuple[str, ...] | None = None) -> list[FieldMap]:
        """The maps of the file's records, given all their columns; else those of the sample."""
        maps = self.format.field_maps(self.sample, self.request, columns or self.sample.columns)
        return [by_their_ids(field_map, self.sample.records) for field_map in maps]

    def has_changed(self) -> bool:
        """Whether the file is another one than when it was first looked at, or gone."""
        try:
            stat = self.on_disk[0].stat()
        except OSError:
            return True
        return (stat.st_size, stat.st_mtime_ns) != (self.on_disk[1], self.mtime_ns)


def look(
    path: Path,
    request: Request,
    *,
    is_sure: bool = True,
    on_disk: Path | None = None,
    plain: Path | None = None,
    taken: Taken | None = None,
) -> ReadPlan:
    """How the file will be read. SourceError when that cannot be told; NoEvents where the file
    holds none and only speaks of those beside it.

    `is_sure`: False where nothing but its content says that it holds data; NotData if that does
    not. `on_disk`: the archive that holds it. `plain`: the copy of a packed file. `taken`: what
    columns were taken for in earlier files of its kind; None where there is none.
    """
    numbered = any(
        part.isdecimal() for column in request.map.values() for part in column.split("+")
    )
    stat = state_of(on_disk or path)
    sample = look_at(plain or path, header=not numbered)
    try:
        known, sample = recognise(sample, request, taken, is_sure=is_sure)
    except SourceError:
        _refuse_beside(sample, path, on_disk)
        raise
    if not _has_what_is_asked(known, sample, request):
        _refuse_beside(sample, path, on_disk)
    return ReadPlan(
        path,
        known.refine(sample),
        known,
        request,
        request.source or known.name,
        request.sessions or known.sessions,
        plain.stat().st_size if plain and on_disk else stat.st_size,
        stat.st_mtime_ns,
        (on_disk or path, stat.st_size),
    )


def _has_what_is_asked(known: Format, sample: Sample, request: Request) -> bool:
    """Whether the file shows itself what it is to be read as."""
    asked = {c.split(".")[0] for c in request.map.values() if constant_of(c) is None}
    if asked and (sample.records or sample.kind == "delimited"):
        return bool(asked & set(sample.columns))
    return request.format is None or known.recognises(sample, request)


def _refuse_beside(sample: Sample, path: Path, archive: Path | None) -> None:
    others = [member.name for member in members_of(archive) or ()] if archive else []
    if what := what_it_is(sample, path, others):
        msg = (
            f"{path} is {what}, as it lies beside exports: it holds no events, and nothing is "
            "missing."
        )
        raise NoEvents(msg)
