"""A file and the way it is read. Never reads a row."""

from dataclasses import dataclass
from pathlib import Path

from etl.formats.format import Format, Request
from etl.formats.registry import detect
from etl.read.container import state_of
from etl.read.sample import Sample, look_at


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
) -> ReadPlan:
    """How the file will be read. SourceError when that cannot be told.

    `is_sure`: False where nothing but its content says that it holds data; NotData if that does
    not. `on_disk`: the archive that holds it. `plain`: the copy of a packed file.
    """
    numbered = any(column.isdecimal() for column in request.map.values())
    stat = state_of(on_disk or path)
    sample = look_at(plain or path, header=not numbered)
    known = detect(sample, request, is_sure=is_sure)
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
