"""Readers: the bytes of one file to raw records in DuckDB. No meaning is given to any field.

Each yields chunks (see `chunks`). `part` is the table a record is from, in files that hold
several; else empty.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from etl.duck import quoted
from etl.errors import SourceError, in_brief
from etl.read import csv_rows, whole_files
from etl.read.chunks import Chunk, JsonLines, ParquetRows, PatternLines, Stored, reading_parquet
from etl.read.decode import WINDOWS, clean_copy
from etl.read.lines import BLOCK_BYTES, blocks
from etl.read.sample import Sample

_CHUNK_ROWS = 200_000
# So many rows tell how long those of a file are.
_LOOKED_AT = 1_000
_T = TypeVar("_T")


def chunks(
    con: duckdb.DuckDBPyConnection,
    sample: Sample,
    tables: Sequence[str],
    spare: Path,
    on_bytes: Callable[[memoryview], None],
    *,
    is_json: bool = True,
    size: int = BLOCK_BYTES,
) -> Iterator[Chunk]:
    """The file's records, chunk by chunk. `tables`: those wanted, of SQLite.

    `spare` is a folder for a copy in clean UTF-8, which is made only where the engine refuses
    the file's own bytes. `is_json`: whether records must be JSON values; text of JSON does where
    they are only taken apart. `size`: of a chunk, in bytes of records, about. `on_bytes` is
    given the bytes of files that are read line by line.
    SourceError when the file cannot be read to its end.
    """
    try:
        if sample.kind in ("ndjson", "lines"):
            for block in _ahead(
                blocks(sample.path, sample.compression, size=size, on_bytes=on_bytes)
            ):
                if sample.kind == "ndjson":
                    yield JsonLines(block, is_json)
                else:
                    pattern = str(sample.pattern)
                    yield PatternLines(block, pattern, sample.groups, sample.comment)
        elif sample.kind == "parquet" and not _has_own_numbers(sample):
            yield from _parquet_rows(con, sample, size)
        else:
            yield from _stored(con, sample, tables, spare, size)
    except duckdb.OutOfMemoryException:
        raise
    except (duckdb.Error, sqlite3.Error, pa.ArrowException) as error:
        msg = (
            f"{sample.path} cannot be read as {sample.kind}: {in_brief(error)}. Nothing of it was "
            "loaded. Export it again, or mend it and load it again."
        )
        raise SourceError(msg) from error


def _has_own_numbers(sample: Sample) -> bool:
    """Whether a column has the name by which the engine tells a row's number."""
    return "file_row_number" in {column.lower() for column in sample.columns}


def _stored(
    con: duckdb.DuckDBPyConnection, sample: Sample, tables: Sequence[str], spare: Path, size: int
) -> Iterator[Chunk]:
    """The chunks of a file that the engine reads as a whole."""
    if sample.kind in ("sqlite", "parquet"):
        _store(con, sample, tables)
    else:
        _store_text(con, sample, spare)
    rows = con.execute("select count(*) from stored_records").fetchall()[0][0]
    beginning = f"record from stored_records limit {_LOOKED_AT}"
    for first, last in _ranges(con, max(rows, 1), beginning, size):
        yield Stored(first, last)


def _parquet_rows(con: duckdb.DuckDBPyConnection, sample: Sample, size: int) -> Iterator[Chunk]:
    file, alias = str(sample.path), whole_files.free_name(sample.columns)
    rows = pq.read_metadata(file).num_rows
    beginning = f"(select * from read_parquet({quoted(file)}) limit {_LOOKED_AT})"
    with reading_parquet(file):
        ranges = _ranges(con, rows, f"to_json({alias}) from {beginning} as {alias}", size)
    for first, last in ranges:
        yield ParquetRows(file, first, last, alias)


def _ranges(
    con: duckdb.DuckDBPyConnection, rows: int, records: str, size: int
) -> Iterator[tuple[int, int]]:
    """The first and the last row of each chunk, which all have about so many bytes.

    `records`: a select of the first ones.
    """
    ((length,),) = con.execute(
        f"select avg(strlen(r::varchar)) from (select {records}) as t(r)"
    ).fetchall()
    count = max(1, min(_CHUNK_ROWS, int(size / (length or 1))))
    return ((first, first + count - 1) for first in range(0, rows, count))


def _store_text(con: duckdb.DuckDBPyConnection, sample: Sample, spare: Path) -> None:
    """Stores the records of a text; where the engine refuses it, those of a copy in clean UTF-8,
    and where it refuses that too, those that can be read of the copy piece by piece."""
    if not sample.is_foreign:
        with suppress(duckdb.Error):
            return _store(con, sample)
    copy = replace(sample, path=spare / "clean_copy", compression="none", is_foreign=False)
    # In JSON and logs such bytes are a fault; tables are often in the letters of Windows.
    errors = WINDOWS if sample.kind == "delimited" else "backslashreplace"
    clean_copy(sample.path, sample.compression, copy.path, errors)
    with suppress(duckdb.Error):
        return _store(con, copy)
    try:
        return _store(con, copy, broken=sample.path)
    except duckdb.Error as error:
        # Nobody knows the copies.
        reason = re.sub(r'"?[^" ]*/(clean_copy|whole_rows)"?', sample.path.name, str(error))
        raise duckdb.InvalidInputException(reason) from error


def _store(
    con: duckdb.DuckDBPyConnection,
    sample: Sample,
    tables: Sequence[str] = (),
    *,
    broken: Path | None = None,
) -> None:
    """Fills stored_records and stored_unreadable. `broken`: the file of which the
    sample is a clean copy, where the engine refuses that too."""
    con.execute(
        "create or replace temp table stored_records (line bigint, part varchar, record json);"
        "create or replace temp table stored_unreadable (line bigint, reason varchar, raw varchar)"
    )
    if sample.kind == "sqlite":
        whole_files.read_sqlite(con, sample, tables)
    elif sample.kind == "parquet":
        whole_files.read_parquet(con, sample)
    elif sample.kind == "delimited" and broken:
        rows = sample.path.with_name("whole_rows")
        csv_rows.read_broken(con, sample, broken, rows)
    elif sample.kind == "delimited":
        csv_rows.read(con, sample)
    elif broken:
        whole_files.read_broken_json(con, sample.path)
    else:
        whole_files.read_json(con, sample)


def _ahead(items: Iterator[_T]) -> Iterator[_T]:
    """The items, the next one made while one is worked on."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = thread.submit(next, items, None)
            yield item
