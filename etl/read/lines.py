"""A text file as blocks of whole lines, in constant memory. Never looks inside a line.

The lines of a block are an Arrow table over the bytes as they were read: nothing is copied. A
file is read in one pass, in which its hash is taken too.
"""

import mmap
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from etl.arrow_numbers import as_array
from etl.errors import SourceError
from etl.read.decode import TextStream, clean

BLOCK_BYTES = 96 << 20
LONGEST_LINE = 128 << 20
_PIECE_BYTES = 1 << 18
# The engine's threads share rows by such batches: few of them where lines are long.
BATCH_ROWS = 8_192
_NEWLINE = 10


@dataclass(frozen=True)
class Block:
    """Whole lines of a file: `lines` has line (from 1) and text, its line break included.

    `data` are the same bytes in one piece, `ends` where each line ends in them. All are good
    until the block after the next is asked for: one may be worked on while the next is read.
    """

    lines: Any
    data: memoryview
    ends: Any

    @property
    def shortest(self) -> int:
        """The length of the shortest line, its line break included."""
        return int(np.diff(self.ends, prepend=0).min())

    def all_begin_with(self, character: str) -> bool:
        """Whether every line begins with an ASCII character."""
        starts = np.concatenate(([0], self.ends[:-1]))
        return bool((np.frombuffer(self.data, np.uint8)[starts] == ord(character)).all())

    def has(self, character: str) -> bool:
        """Whether an ASCII character is anywhere in the block."""
        return any((piece == ord(character)).any() for _, piece in _pieces(self.data))


def blocks(
    path: Path,
    compression: str = "none",
    size: int = BLOCK_BYTES,
    on_bytes: Callable[[memoryview], None] = lambda chunk: None,
) -> Iterator[Block]:
    """The file's lines in blocks of about `size` bytes, in UTF-8; no blocks for an empty file.

    Bytes that are no UTF-8 are written as \\xff. `on_bytes` is given the file's own bytes as they
    are read, still compressed. SourceError for a file that cannot be unpacked to its end, and
    for a line longer than 128 MB.
    """
    first = 1
    held = 0
    memory, other = _memory(size), _memory(size)
    with path.open("rb", buffering=0) as file:
        text = TextStream(path, file, compression, on_bytes)
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


def copied(block: Block) -> Block:
    """The block in memory of its own: that of its reader is used again."""
    return _block(memoryview(bytes(block.data)), block.lines["line"][0].as_py())


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
        at = bytes(memory[start : min(start + step, held)]).rfind(b"\n")
        if at >= 0:
            return start + at + 1
    return 0


def _block(data: memoryview, first: int) -> Block:
    """The lines of whole lines; the last one may lack its line break."""
    # Decoding costs more than checking, so that only what is broken is decoded.
    lines, ends = _split(data, first)
    try:
        lines.validate(full=True)
    except pa.ArrowInvalid:
        data = memoryview(clean(bytes(data)))
        lines, ends = _split(data, first)
    return Block(lines, data, ends)


def _pieces(data: memoryview) -> Iterator[tuple[int, Any]]:
    """The bytes in pieces that stay in the processor's cache, each with its place."""
    bytes_ = np.frombuffer(data, np.uint8)
    return ((at, bytes_[at : at + _PIECE_BYTES]) for at in range(0, len(bytes_), _PIECE_BYTES))


def _split(data: memoryview, first: int) -> tuple[Any, Any]:
    """The lines as a table, and where each ends."""
    breaks = [np.flatnonzero(piece == _NEWLINE) + (at + 1) for at, piece in _pieces(data)]
    ends = np.concatenate(breaks)
    offsets = np.zeros(len(ends) + 1 + (data[-1] != _NEWLINE), np.int32)
    offsets[1 : len(ends) + 1] = ends
    offsets[-1] = len(data)
    count = len(offsets) - 1
    numbers = np.arange(first, first + count, dtype=np.int64)
    lines = pa.Table.from_arrays(
        [
            as_array(numbers),
            pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(data)),
        ],
        names=["line", "text"],
    )
    batches = lines.to_batches(max_chunksize=BATCH_ROWS)
    return pa.Table.from_batches(batches), offsets[1:]
