"""The first bytes of a file: whether it is one, what packs it, how its text begins.

Refuses what is no file, and what is known to hold no text. Never cuts a text into rows.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from etl.errors import NotData, SourceError
from etl.read.decode import WINDOWS, TextStream

_SAMPLE_BYTES = 1 << 20
_LONGEST_LINE = 32 << 20
_COMPRESSIONS = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
_KINDS = {b"PAR1": "parquet", b"SQLite format 3\0": "sqlite"}
# What people hand over by mistake, and what to do about it.
_UNREADABLE = {
    b"PK\x03\x04": (
        "an Excel file, a ZIP archive in another one, or a broken one",
        "Save it as CSV, unpack it, or export it again",
    ),
    b"\xd0\xcf\x11\xe0": ("an old Excel file", "Save it as CSV"),
    b"7z\xbc\xaf": ("a 7-Zip archive", "Unpack it"),
    b"Obj\x01": ("an Avro file", "Export as Parquet or JSON"),
    b"ORC": ("an ORC file", "Export as Parquet"),
    b"%PDF": ("a PDF", "Export the data as CSV"),
    b"\x89PNG": ("a picture", "Export the data as CSV"),
    b"\xff\xd8\xff": ("a picture", "Export the data as CSV"),
    b"GIF8": ("a picture", "Export the data as CSV"),
    b"\x7fELF": ("a program", "Export the data as CSV"),
}
# Nobody keeps events in these.
_NO_DATA = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x7fELF")
# What stands in the place of a file that was not fetched, and how it is.
_POINTERS = {
    "version https://git-lfs.github.com/spec/": ("Git LFS", "git lfs pull"),
    "/annex/objects/": ("git-annex", "git annex get"),
}
_NO_FILES = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
# Letters of another encoding are some of a text; of what is no text they are a good part.
_MOST_ODD = 0.3


@dataclass(frozen=True)
class Head:
    """The first megabyte of a text, cut at its last whole line; longer where its lines are.

    `is_foreign`: in another encoding than UTF-8.
    """

    text: str
    is_foreign: bool


def state_of(path: Path) -> os.stat_result:
    """Size and times of a file. SourceError where there is none, or what is there is no file."""
    try:
        found = path.stat()
    except OSError as error:
        raise SourceError(_unreadable(path, error)) from error
    if not stat.S_ISREG(found.st_mode):
        met = _NO_FILES.get(stat.S_IFMT(found.st_mode), "no file")
        msg = f"{path} is {met}. Wanted: a file with rows. Name one, and load it again."
        raise SourceError(msg)
    return found


def container_of(path: Path) -> tuple[str | None, str]:
    """Kind of a binary container (parquet, sqlite; None for text) and the text's compression."""
    state_of(path)
    try:
        with path.open("rb") as handle:
            start = handle.read(16)
    except OSError as error:
        raise SourceError(_unreadable(path, error)) from error
    if not start:
        msg = f"{path} is empty. Wanted: at least one row. Nothing was loaded from it."
        raise NotData(msg)
    for magic, (met, advice) in _UNREADABLE.items():
        if start.startswith(magic):
            msg = (
                f"{path} is {met}. Wanted: CSV, JSON, Parquet or SQLite, plain or packed with "
                f"gzip, zstd, bzip2, xz or zip. {advice}, and load that."
            )
            raise NotData(msg) if magic in _NO_DATA else SourceError(msg)
    kind = next((kind for magic, kind in _KINDS.items() if start.startswith(magic)), None)
    packing = (name for magic, name in _COMPRESSIONS.items() if start.startswith(magic))
    return kind, next(packing, "none")


def head_of(path: Path, compression: str) -> Head:
    """How a text begins. SourceError when it cannot be unpacked, or is no text."""
    data = bytearray(_SAMPLE_BYTES)
    held = 0
    with path.open("rb", buffering=0) as file:
        text = TextStream(path, file, compression, lambda chunk: None)
        while read := text.readinto(memoryview(data)[held:]):
            held += read
            if held < len(data):
                continue
            # One document may be longer than the sample.
            if b"\n" in data or held >= _LONGEST_LINE:
                break
            data = data + bytearray(_SAMPLE_BYTES)
    found = bytes(data[:held])
    if held >= _SAMPLE_BYTES:
        found = found[: found.rfind(b"\n") + 1] or found
    head = found.decode("utf-8", errors="replace")
    odd = sum(map(head.count, ("\ufffd", "\0")))
    if odd > _MOST_ODD * len(head):
        msg = (
            f"{path} is no text: most of it are bytes that no text has. Wanted: CSV, JSON, "
            "Parquet or SQLite. Export it again."
        )
        raise NotData(msg)
    _refuse_pointer(path, head)
    if head[257:262] == "ustar":
        msg = (
            f"{path} is a tar archive. Wanted: files with rows. Unpack it, and load what is in it."
        )
        raise SourceError(msg)
    if "\ufffd" in head:
        head = found.decode("utf-8", errors=WINDOWS)
    return Head(head, text.is_foreign)


def _refuse_pointer(path: Path, head: str) -> None:
    for start, (keeper, command) in _POINTERS.items():
        if head.startswith(start):
            msg = (
                f"{path} is a pointer of {keeper}, not the data: that was never fetched. Wanted: "
                f"the file itself. Run '{command}' where it lies, and load it again."
            )
            raise SourceError(msg)


def _unreadable(path: Path, error: OSError) -> str:
    return (
        f"{path} cannot be read: {error.strerror}. Wanted: a readable file. Mend its path "
        "or permissions and load it again."
    )
