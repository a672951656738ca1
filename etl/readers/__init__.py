"""Readers: the bytes of one file to raw records in DuckDB. No meaning is given to any field.

Each yields segments (see `segments`). `part` is the table a record is from, in files that hold
several; else empty.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from etl.blocks import blocks, clean_copy
from etl.errors import SourceError
from etl.files import Sample
from etl.readers import delimited, whole
from etl.readers.segments import JsonLines, ParquetRows, PatternLines, Segment, Stored

_SEGMENT_ROWS = 200_000
_T = TypeVar("_T")


def segments(
    con: duckdb.DuckDBPyConnection,
    sample: Sample,
    tables: Sequence[str],
    spare: Path,
    heard: Callable[[memoryview], None],
    *,
    is_json: bool = True,
) -> Iterator[Segment]:
    """The file's records, segment by segment. `tables`: those wanted, of SQLite.

    `spare` is a folder for a copy in clean UTF-8, which is made only where the engine refuses
    the file's own bytes. `is_json`: whether records must be JSON values; text of JSON does where
    they are only taken apart. `heard` is given the bytes of files that are read line by line.
    SourceError when the file cannot be read to its end.
    """
    try:
        if sample.kind in ("ndjson", "lines"):
            for block in _ahead(blocks(sample.path, sample.compression, heard=heard)):
                if sample.kind == "ndjson":
                    yield JsonLines(block, is_json)
                else:
                    pattern = str(sample.pattern)
                    yield PatternLines(block, pattern, sample.columns, sample.comment)
        elif sample.kind == "parquet":
            rows = pq.read_metadata(sample.path).num_rows
            for first in range(0, rows, _SEGMENT_ROWS):
                yield ParquetRows(str(sample.path), first, first + _SEGMENT_ROWS - 1)
        else:
            yield from _stored(con, sample, tables, spare)
    except (duckdb.Error, sqlite3.Error, pa.ArrowException) as error:
        msg = (
            f"{sample.path} cannot be read as {sample.kind}: {in_brief(error)}. Nothing of it was "
            "loaded. Export it again, or mend it and load it again."
        )
        raise SourceError(msg) from error


def in_brief(error: Exception) -> str:
    """An engine's error on one line, without its advice."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = [line for line in lines if not line.startswith(("Original Line", "Possible", "*"))]
    return "; ".join(told[:2]).rstrip(".")[:300]


def _stored(
    con: duckdb.DuckDBPyConnection, sample: Sample, tables: Sequence[str], spare: Path
) -> Iterator[Segment]:
    """The segments of a file that the engine reads as a whole."""
    if sample.is_foreign:
        sample = _copied(sample, spare)
    try:
        _store(con, sample, tables)
    except duckdb.Error:
        if sample.kind == "sqlite" or sample.path.parent == spare:
            raise
        _store(con, _copied(sample, spare), tables)
    rows = con.execute("select count(*) from stored_records").fetchall()[0][0]
    for first in range(0, max(rows, 1), _SEGMENT_ROWS):
        yield Stored(first, first + _SEGMENT_ROWS - 1)


def _store(con: duckdb.DuckDBPyConnection, sample: Sample, tables: Sequence[str]) -> None:
    con.execute(
        "create or replace temp table stored_records (line bigint, part varchar, record json);"
        "create or replace temp table stored_unreadable (line bigint, reason varchar, raw varchar)"
    )
    if sample.kind == "json_array":
        whole.read_json_array(con, sample)
    elif sample.kind == "sqlite":
        whole.read_sqlite(con, sample, tables)
    else:
        delimited.read(con, sample)


def _copied(sample: Sample, spare: Path) -> Sample:
    """The sample of a copy in clean UTF-8."""
    target = spare / "clean_copy"
    clean_copy(sample.path, sample.compression, target)
    return replace(sample, path=target, compression="none", is_foreign=False)


def _ahead(items: Iterator[_T]) -> Iterator[_T]:
    """The items, the next one made while one is worked on."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = thread.submit(next, items, None)
            yield item
