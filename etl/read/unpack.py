"""Files within files: the members of a zip, and what bzip2 and xz hold. Never reads a row.

gzip and zstd are unpacked as they are read (decode.py). These here are unpacked to disk first,
and no further than the disk and good sense allow.
"""

import bz2
import lzma
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from etl.errors import SourceError

_CHUNK = 4 << 20
# What is larger than this is refused where it is so many times its packed size: rows are not.
_LARGE = 1 << 30
_MOST_TIMES = 250
_OPENERS: dict[bytes, Callable[[Path], IO[bytes]]] = {
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\0": lzma.LZMAFile,
}
# The last two begin an archive without files, and one that was made to be split.
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_ERRORS = (OSError, EOFError, zipfile.BadZipFile, lzma.LZMAError, RuntimeError, NotImplementedError)


@dataclass(frozen=True)
class Member:
    """A file in a zip: its name and number there, its size in bytes once unpacked, and its path.

    `path`: below the archive, whatever the name says, and no other member's.
    """

    name: str
    number: int
    size: int
    path: PurePosixPath


def members_of(path: Path) -> list[Member] | None:
    """The files of a zip in their order; None for what is no zip, or an Excel file, or broken."""
    try:
        with path.open("rb") as file:
            if file.read(4) not in _ZIP:
                return None
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            found = [(number, info) for number, info in enumerate(infos) if not info.is_dir()]
    except _ERRORS:
        return None
    if any(info.filename in ("[Content_Types].xml", "mimetype") for _, info in found):
        return None
    taken: set[PurePosixPath] = set()
    return [
        Member(info.filename, number, info.file_size, _path_of(info.filename, taken))
        for number, info in found
    ]


def _path_of(name: str, taken: set[PurePosixPath]) -> PurePosixPath:
    """A path of its own that leads nowhere else: a second `e.csv` is `e (2).csv`."""
    # The name of the folder that a file lies in may mean something; where it leads does not.
    parts = [part for part in PurePosixPath(name).parts if part not in ("..", "/", "//", "\\")]
    path = first = PurePosixPath(*parts) if parts else PurePosixPath("member")
    stem, dot, suffix = first.name.partition(".")
    number = 1
    while path in taken:
        number += 1
        path = first.with_name(f"{stem} ({number}){dot}{suffix}")
    taken.add(path)
    return path


def opener_of(path: Path) -> Callable[[Path], IO[bytes]] | None:
    """What opens the text of a file that must be unpacked first; None for any other file."""
    try:
        with path.open("rb") as file:
            start = file.read(6)
    except OSError:
        return None
    return next((opener for magic, opener in _OPENERS.items() if start.startswith(magic)), None)


def unpack(path: Path, member: Member | None, folder: Path) -> Path | None:
    """A plain copy below the folder, named as the file or the member is; None where none is needed.

    A member may be packed itself. SourceError for what cannot be unpacked, needs a password, or
    would become too large.
    """
    plain = _member_copy(path, member, folder) if member else None
    source = plain or path
    opener = opener_of(source)
    if opener is None:
        return plain
    target = folder / "plain" / source.name
    target.parent.mkdir(parents=True, exist_ok=True)
    told = path / member.path if member else path
    try:
        with opener(source) as packed:
            _copy(packed, target, told, source.stat().st_size)
    except _ERRORS as error:
        raise SourceError(_broken(told, error)) from error
    return target


def _member_copy(path: Path, member: Member, folder: Path) -> Path:
    told = path / member.path
    target = folder / "members" / member.path
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(path) as archive:
            # Several may have one name.
            info = archive.infolist()[member.number]
            if info.flag_bits & 1:
                msg = (
                    f"{told} needs a password. Wanted: a file that can be read. Unpack the "
                    "archive, and load what is in it."
                )
                raise SourceError(msg)
            with archive.open(info) as packed:
                _copy(packed, target, told, info.compress_size)
    except (*_ERRORS, IndexError) as error:
        raise SourceError(_broken(told, error)) from error
    return target


def _copy(source: Any, target: Path, told: Path, packed: int) -> None:
    """Copies what is unpacked. Of what is written no more than half the room that is left."""
    room = shutil.disk_usage(target.parent).free // 2
    written = 0
    with target.open("wb") as copy:
        while chunk := source.read(_CHUNK):
            written += len(chunk)
            if written > room or (written > _LARGE and written > _MOST_TIMES * packed):
                met = (
                    "needs more than half of the free disk"
                    if written > room
                    else (f"is more than {_MOST_TIMES} times as large unpacked as packed")
                )
                msg = (
                    f"{told} {met} and was not unpacked to its end. Wanted: rows. Nothing was "
                    "loaded from it; look at what it is, or unpack it yourself and load that."
                )
                raise SourceError(msg)
            copy.write(chunk)


def _broken(told: Path, error: Exception) -> str:
    return (
        f"{told} cannot be unpacked to its end: {str(error) or type(error).__name__}. Wanted: a "
        "whole file. Nothing was loaded from it; export it again."
    )
