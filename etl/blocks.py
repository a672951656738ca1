"""A text file as blocks of whole lines, in constant memory. Never looks inside a line.

The lines of a block are an Arrow table over the bytes as they were read: nothing is copied. A
file is read in one pass, in which its hash is taken too.
"""

import codecs
import mmap
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import xxhash

from etl.errors import SourceError

BLOCK_BYTES = 96 << 20
_READ_BYTES = 4 << 20
LONGEST_LINE = 128 << 20
_PIECE_BYTES = 1 << 18
_BATCH_ROWS = 50_000
_NEWLINE = 10

# Byte order marks of the encodings that are turned into UTF-8 on the way, longest first.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF8, None),
)


@dataclass(frozen=True)
class Block:
    """Whole lines of a file: `lines` has line (from 1) and text, its line break included.

    `data` are the same bytes in one piece; `shortest` is the length of the shortest line, its
    line break included. Both are good until the block after the next is asked
    for: one may be worked on while the next is read.
    """

    lines: Any
    data: memoryview
    shortest: int

    def has(self, character: str) -> bool:
        """Whether an ASCII character is anywhere in the block."""
        return any((piece == ord(character)).any() for _, piece in _pieces(self.data))


def blocks(
    path: Path,
    compression: str = "none",
    size: int = BLOCK_BYTES,
    heard: Callable[[memoryview], None] = lambda chunk: None,
) -> Iterator[Block]:
    """The file's lines in blocks of about `size` bytes, in UTF-8; no blocks for an empty file.

    Bytes that are no UTF-8 are written as \\xff. `heard` is given the file's own bytes as they
    are read, still compressed. SourceError for a file that cannot be unpacked to its end, and
    for a line longer than 128 MB.
    """
    first = 1
    held = 0
    memory, other = _memory(size), _memory(size)
    with path.open("rb", buffering=0) as file:
        text = _Text(path, file, compression, heard)
        while True:
            while held < len(memory) and (read := text.readinto(memory[held:])):
                held += read
            if not held:
                return
            is_last = held < len(memory)
            end = held if is_last else _last_break(memory, held)
            if end:
                block = _block(memory[:end], first)
                yield block
                first += block.lines.num_rows
                if len(other) < len(memory):
                    other = _memory(len(memory))
                other[: held - end] = memory[end:held]
                memory, other, held = other, memory, held - end
            elif len(memory) < LONGEST_LINE:
                memory = _longer(memory)
            else:
                msg = (
                    f"{path}: line {first} is longer than {LONGEST_LINE >> 20} MB. Wanted: a row "
                    "on each line. Nothing was loaded from it."
                )
                raise SourceError(msg)


def clean(data: bytes) -> bytes:
    """The bytes in UTF-8: what is none is written as \\xff."""
    return data.decode("utf-8", "backslashreplace").encode()


def clean_copy(path: Path, compression: str, target: Path) -> None:
    """Writes the file's text unpacked and in UTF-8, without byte order mark."""
    decode = codecs.getincrementaldecoder("utf-8")("backslashreplace").decode
    memory = memoryview(bytearray(_READ_BYTES))
    with path.open("rb", buffering=0) as file, target.open("wb") as copy:
        text = _Text(path, file, compression, lambda chunk: None)
        while read := text.readinto(memory):
            copy.write(decode(memory[:read]).encode())
        copy.write(decode(b"", True).encode())


def file_hash(path: Path) -> str:
    """Hash of a file's bytes, 128 bits."""
    seen = xxhash.xxh3_128()
    with path.open("rb") as handle:
        while chunk := handle.read(_READ_BYTES):
            seen.update(chunk)
    return seen.hexdigest()


class _Text:
    """The text of a file in UTF-8, unpacked, without byte order mark."""

    def __init__(
        self, path: Path, file: Any, compression: str, heard: Callable[[memoryview], None]
    ) -> None:
        self.path = path
        self.compression = compression
        self.stream = _Heard(file, heard)
        if compression != "none":
            self.stream = pa.CompressedInputStream(pa.PythonFile(self.stream, "r"), compression)
        start = self._read(4)
        mark, encoding = next((m for m in _MARKS if start.startswith(m[0])), (b"", None))
        self.decode = codecs.getincrementaldecoder(encoding)("replace").decode if encoding else None
        self.waiting = start[len(mark) :]
        if self.decode:
            self.waiting = self.decode(self.waiting).encode()

    def readinto(self, target: memoryview) -> int:
        """Fills the target with what comes next; how many bytes, 0 at the end."""
        if self.decode and not self.waiting:
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
            msg = (
                f"{self.path} looks like {self.compression} but cannot be unpacked to its end: "
                f"{error}. Wanted: a whole file. Nothing was loaded from it; export it again."
            )
            raise SourceError(msg) from error


class _Heard:
    """A file whose bytes are told as they are read."""

    def __init__(self, file: Any, heard: Callable[[memoryview], None]) -> None:
        self.file = file
        self.heard = heard
        self.closed = False

    def read(self, size: int = -1) -> bytes:
        data: bytes = self.file.read(size)
        self.heard(memoryview(data))
        return data

    def readinto(self, target: memoryview) -> int:
        # A call for each few megabytes: the system fills at most 2 GB in one.
        read: int = self.file.readinto(target[:_READ_BYTES])
        self.heard(target[:read])
        return read

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def writable(self) -> bool:
        return False

    def close(self) -> None:
        self.closed = True


def _memory(size: int) -> memoryview:
    """Memory in large pages, where the system has them: touching small ones first costs more
    than reading a file into them."""
    memory = mmap.mmap(-1, size)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        with suppress(OSError):
            memory.madvise(mmap.MADV_HUGEPAGE)
    return memoryview(memory)


def _longer(memory: memoryview) -> memoryview:
    longer = _memory(min(2 * len(memory), LONGEST_LINE))
    longer[: len(memory)] = memory
    return longer


def _last_break(memory: memoryview, held: int) -> int:
    """The end of the last whole line."""
    step = 1 << 16
    for start in range(held - held % step, -1, -step):
        found = bytes(memory[start : min(start + step, held)]).rfind(b"\n")
        if found >= 0:
            return start + found + 1
    return 0


def _block(data: memoryview, first: int) -> Block:
    """The lines of whole lines; the last one may lack its line break."""
    # Decoding costs more than checking, so that only what is broken is decoded.
    lines, shortest = _split(data, first)
    try:
        lines.validate(full=True)
    except pa.ArrowInvalid:
        data = memoryview(clean(bytes(data)))
        lines, shortest = _split(data, first)
    return Block(lines, data, shortest)


def _pieces(data: memoryview) -> Iterator[tuple[int, Any]]:
    """The bytes in pieces that stay in the processor's cache, each with its place."""
    bytes_ = np.frombuffer(data, np.uint8)
    return ((at, bytes_[at : at + _PIECE_BYTES]) for at in range(0, len(bytes_), _PIECE_BYTES))


def _split(data: memoryview, first: int) -> tuple[Any, int]:
    found = [np.flatnonzero(piece == _NEWLINE) + (at + 1) for at, piece in _pieces(data)]
    ends = np.concatenate(found)
    offsets = np.zeros(len(ends) + 1 + (data[-1] != _NEWLINE), np.int32)
    offsets[1 : len(ends) + 1] = ends
    offsets[-1] = len(data)
    count = len(offsets) - 1
    numbers = np.arange(first, first + count, dtype=np.int64)
    # Built from buffers: Arrow's conversion of Python values would import pandas.
    lines = pa.Table.from_arrays(
        [
            pa.Array.from_buffers(pa.int64(), count, [None, pa.py_buffer(numbers)]),
            pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(data)),
        ],
        names=["line", "text"],
    )
    # The engine shares the work by batches.
    batches = lines.to_batches(max_chunksize=_BATCH_ROWS)
    return pa.Table.from_batches(batches), int(np.diff(offsets).min())
