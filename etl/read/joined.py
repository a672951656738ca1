"""Several small files read as one chunk, so that the engine works once for all of them.

A row's line has the place of its file in the bits above those of the line itself.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from etl.arrow_numbers import as_array, as_numbers
from etl.read.chunks import Chunk, JsonLines, PatternLines
from etl.read.lines import BATCH_ROWS, Block, blocks, copied
from etl.read.sample import Sample

# The bits of a line number within its file. More lines no file has.
LINE_BITS = 40
_READ_BYTES = 1 << 20
# The views of a chunk: see etl/read/chunks.py.
_VIEWS = ("received", "records", "unreadable")


def join_lines(
    samples: Sequence[Sample],
    on_bytes: Sequence[Callable[[memoryview], None]],
    *,
    is_json: bool,
) -> Chunk | None:
    """One chunk of all lines of the files, which are of a kind that is read by lines. None when
    none has a line. `on_bytes`: see `blocks`, a function for each file.
    """
    found = [
        _numbered(copied(block), place)
        for place, (sample, told) in enumerate(zip(samples, on_bytes, strict=True))
        for block in blocks(sample.path, sample.compression, _READ_BYTES, told)
    ]
    if not found:
        return None
    block = _Joined.of(found)
    first = samples[0]
    if first.kind == "ndjson":
        return JsonLines(block, is_json)  # type: ignore[arg-type]
    return PatternLines(block, str(first.pattern), first.groups, first.comment)  # type: ignore[arg-type]


def join_chunks(con: duckdb.DuckDBPyConnection, files: Iterator[Iterator[Chunk]]) -> Chunk | None:
    """One chunk of the chunks of several files, of which every record is known to be valid. None
    when none has a row.
    """
    rows: dict[str, list[Any]] = {name: [] for name in _VIEWS}
    for place, chunks in enumerate(files):
        for chunk in chunks:
            chunk.lay_out(con)
            for name in _VIEWS:
                first = place << LINE_BITS
                select = f"select * replace (line + {first} as line) from {name}"  # noqa: S608
                rows[name].append(con.sql(select).to_arrow_table())
    if not rows["records"]:
        return None
    return _Gathered({name: pa.concat_tables(tables) for name, tables in rows.items()})


@dataclass
class _Gathered(Chunk):
    """Rows that were laid out before, by view."""

    rows: dict[str, Any]

    def lay_out(self, con: duckdb.DuckDBPyConnection) -> None:
        for name, rows in self.rows.items():
            con.execute(f"drop view if exists {name}")
            con.register(name, _in_batches(rows))


@dataclass(frozen=True)
class _Joined:
    """Blocks of several files that answer as one."""

    lines: Any
    parts: Sequence[Block]

    @classmethod
    def of(cls, parts: Sequence[Block]) -> "_Joined":
        return cls(_in_batches(pa.concat_tables([part.lines for part in parts])), parts)

    @property
    def shortest(self) -> int:
        return min(part.shortest for part in self.parts)

    def all_begin_with(self, character: str) -> bool:
        return all(part.all_begin_with(character) for part in self.parts)

    def has(self, character: str) -> bool:
        return any(part.has(character) for part in self.parts)


def _in_batches(rows: Any) -> Any:
    """The rows in batches of such a size that the engine's threads share them."""
    batches = rows.combine_chunks().to_batches(max_chunksize=BATCH_ROWS)
    return pa.Table.from_batches(batches, schema=rows.schema)


def _numbered(block: Block, place: int) -> Block:
    if not place:
        return block
    lines = as_array(as_numbers(block.lines["line"]) + (place << LINE_BITS))
    return Block(block.lines.set_column(0, "line", lines), block.data, block.ends)
