"""The lines of the collector's files that are in no build yet, read as they are added.

Only whole lines count: the rest of one is still being written. Never changes, holds or locks a
file, so that the collector and loads do with them what they do anyway.
"""

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from etl.collector.spool_files import FOLDER, MARKER, OPEN, finished, open_files
from etl.landing_folder import landing_folder

# Of more lines than these a build is not far: until then nobody waits for them, or for the memory.
MOST_LINES = 250_000
_BYTES_AT_ONCE = 8 << 20
# What lies before the place that was read up to, by which one sees that it is still the same file.
_REMEMBERED = 256


class TailTooLong(Exception):
    """There are more lines than MOST_LINES."""


class TailChanged(Exception):
    """Lines that were read are there no more, or are others: all is to be read anew."""


@dataclass(frozen=True)
class Piece:
    """Lines that were added to a file, whole ones.

    source  the source that the file is of
    name    the file's, as it is called when it is finished
    lines   their bytes
    """

    source: str
    name: str
    lines: bytes


@dataclass
class _File:
    """How far a file was read, and the bytes before that."""

    folder: Path
    name: str
    offset: int = 0
    before: bytes = b""


@dataclass
class Tail:
    """The tail of one build; another build has another one.

    loaded  source and name of the files whose lines are in the build
    """

    home: Path
    loaded: Collection[tuple[str, str]]
    line_count: int = 0
    _files: dict[tuple[str, str], _File] = field(default_factory=dict)

    def more(self) -> Iterator[Piece]:
        """What was added since it was asked last, file by file in the order of their names."""
        # A file that is finished meanwhile is among the first, or the others, or both.
        spooled = [*open_files(self.home), *finished(self.home)]
        there = {(f.source, f.path.name.removesuffix(OPEN)): f.path.parent for f in spooled}
        for place in self._files.keys() - there.keys():
            # Nothing is removed before it is in a build: this tail is of an older one.
            del self._files[place]
        for (source, name), folder in sorted(there.items()):
            if (source, name) in self.loaded:
                continue
            file = self._files.setdefault((source, name), _File(folder, name))
            while lines := _read_on(file):
                self.line_count += lines.count(b"\n")
                if self.line_count > MOST_LINES:
                    raise TailTooLong
                yield Piece(source, name, lines)


def has_spool(home: Path) -> bool:
    """Whether a collector writes, or wrote, into this home."""
    return any(True for _ in landing_folder(home).glob(f"*/{FOLDER}/{MARKER}"))


def _read_on(file: _File) -> bytes:
    """The whole lines behind the place that the file was read up to; empty: none."""
    # It is renamed once it is finished, maybe just now; and removed long after.
    for name in (file.name, file.name + OPEN, file.name):
        try:
            handle = os.open(file.folder / name, os.O_RDONLY)
        except OSError:
            continue
        break
    else:
        return b""
    try:
        if os.pread(handle, len(file.before), file.offset - len(file.before)) != file.before:
            msg = "files of the collector change while they are read"
            raise TailChanged(msg)
        lines = _whole_lines(handle, file.offset)
    finally:
        os.close(handle)
    file.offset += len(lines)
    file.before = (file.before + lines[-_REMEMBERED:])[-_REMEMBERED:]
    return lines


def _whole_lines(handle: int, offset: int) -> bytes:
    size = _BYTES_AT_ONCE
    while True:
        read = os.pread(handle, size, offset)
        end = read.rfind(b"\n") + 1
        if end or len(read) < size:
            return read[:end]
        # One line is longer than all that.
        size *= 2
