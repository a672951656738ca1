"""The text of a file in UTF-8, as a stream of bytes: unpacked, without byte order mark.

Files in UTF-16 and UTF-32 are turned into UTF-8 on the way. Never looks at lines.
"""

import codecs
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from etl.errors import SourceError

_READ_BYTES = 4 << 20

# Byte order marks of the encodings that are turned into UTF-8 on the way, longest first.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF8, None),
)
# Which of the first four bytes are zero tells an encoding without a mark: exports begin in ASCII.
_ZEROS = {"x000": "utf-32-le", "000x": "utf-32-be", "x0x0": "utf-16-le", "0x0x": "utf-16-be"}


def _windows(error: UnicodeError) -> tuple[str, int]:
    """What bytes that are no UTF-8 say in Windows-1252, as Excel writes CSV, and in Latin-1."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    taken = error.object[error.start : error.end]
    try:
        return taken.decode("cp1252"), error.end
    except UnicodeDecodeError:
        return taken.decode("latin-1"), error.end


# Of text in UTF-8 some bytes of which are not.
WINDOWS = "windows"
codecs.register_error(WINDOWS, _windows)


class TextStream:
    """What a file says, in UTF-8. `is_foreign`: whether the file is in another encoding."""

    def __init__(
        self, path: Path, file: Any, compression: str, on_bytes: Callable[[memoryview], None]
    ) -> None:
        self.path = path
        self.compression = compression
        self.stream = _ObservedFile(file, on_bytes)
        if compression != "none":
            self.stream = pa.CompressedInputStream(pa.PythonFile(self.stream, "r"), compression)
        start = self._read(4)
        mark, encoding = _encoding_of(start)
        self.is_foreign = encoding is not None
        self.decode = codecs.getincrementaldecoder(encoding)("replace").decode if encoding else None
        self.waiting = start[len(mark) :]
        if self.decode:
            self.waiting = self.decode(self.waiting).encode()

    def readinto(self, target: memoryview) -> int:
        """Fills the target with what comes next; how many bytes, 0 at the end."""
        raw = b"more"
        while self.decode and raw and not self.waiting:
            raw = self._read(_READ_BYTES)
            self.waiting = self.decode(raw, not raw).encode()
        if self.waiting:
            taken = self.waiting[: len(target)]
            target[: len(taken)] = taken
            self.waiting = self.waiting[len(taken) :]
            return len(taken)
        return 0 if self.decode else self._guarded(self.stream.readinto, target)

    def _read(self, size: int) -> bytes:
        data: bytes = self._guarded(self.stream.read, size)
        return data

    def _guarded(self, read: Callable[[Any], Any], what: Any) -> Any:
        try:
            return read(what)
        except (OSError, pa.ArrowException, EOFError) as error:
            packed = f"looks like {self.compression} but cannot be unpacked to its end"
            met = packed if self.compression != "none" else "cannot be read to its end"
            msg = (
                f"{self.path} {met}: {error}. Wanted: a whole file. Nothing was loaded from it; "
                "export it again."
            )
            raise SourceError(msg) from error


def _encoding_of(start: bytes) -> tuple[bytes, str | None]:
    """The byte order mark and the encoding, None for UTF-8, of a text with this start."""
    marked = next((m for m in _MARKS if start.startswith(m[0])), None)
    return marked or (b"", _ZEROS.get("".join("x" if byte else "0" for byte in start)))


class _ObservedFile:
    """A file whose bytes are handed on as they are read."""

    def __init__(self, file: Any, on_bytes: Callable[[memoryview], None]) -> None:
        self.file = file
        self.on_bytes = on_bytes
        self.closed = False

    def read(self, size: int = -1) -> bytes:
        data: bytes = self.file.read(size)
        self.on_bytes(memoryview(data))
        return data

    def readinto(self, target: memoryview) -> int:
        # A call for each few megabytes: the system fills at most 2 GB in one.
        read: int = self.file.readinto(target[:_READ_BYTES])
        self.on_bytes(target[:read])
        return read

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def writable(self) -> bool:
        return False

    def close(self) -> None:
        self.closed = True


def clean(data: bytes) -> bytes:
    """The bytes in UTF-8: what is none is written as \\xff."""
    return data.decode("utf-8", "backslashreplace").encode()


def clean_copy(
    path: Path, compression: str, target: Path, errors: str = "backslashreplace"
) -> None:
    """Writes the file's text unpacked and in UTF-8, without byte order mark.

    `errors`: what becomes of bytes that are no UTF-8, as Python names it.
    """
    decode = codecs.getincrementaldecoder("utf-8")(errors).decode
    memory = memoryview(bytearray(_READ_BYTES))
    with path.open("rb", buffering=0) as file, target.open("wb") as copy:
        text = TextStream(path, file, compression, lambda chunk: None)
        while read := text.readinto(memory):
            copy.write(decode(memory[:read]).encode())
        copy.write(decode(b"", True).encode())
