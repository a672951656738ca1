"""Finds input files and looks at their beginning. Never interprets a row."""

import csv
import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from etl.errors import SourceError, in_brief
from etl.read.container import container_of, head_of
from etl.read.json_pieces import pieces

_LONGEST_FIELD = 32 << 20
_SAMPLE_RECORDS = 200
_LINE_BREAK = re.compile(r"\r\n|\n|\r")
_DELIMITERS = (",", "\t", ";", "|", " ")


@dataclass(frozen=True)
class Sample:
    """The beginning of a file, and what kind of container it is.

    `kind`: ndjson, json_array, json_objects (in another order than one a line), delimited,
    lines, parquet or sqlite. `columns`: names in the order of the file (top-level keys of JSON
    records). `records`: up to 200 first records of
    JSON. `head`: up to 200 first lines of other text, blank ones left out. `tables`: columns by
    table, for SQLite. `leading_blanks`: blank lines before the first row. `quote`: what encloses
    delimited fields, empty for nothing. `is_foreign`: in another encoding than UTF-8, which its
    first bytes tell. `pattern`: of the kind `lines`, a regular expression with
    a group for each of the columns; lines that begin with `comment` are no rows.
    """

    path: Path
    kind: str
    compression: str = "none"
    columns: tuple[str, ...] = ()
    records: tuple[dict[str, Any], ...] = ()
    head: tuple[str, ...] = ()
    delimiter: str = ","
    quote: str = '"'
    has_header: bool = True
    leading_blanks: int = 0
    is_foreign: bool = False
    pattern: str | None = None
    comment: str | None = None
    tables: dict[str, tuple[str, ...]] = field(default_factory=dict)


def look_at(path: Path, *, delimiter: str | None = None, header: bool = True) -> Sample:
    """The file's sample. SourceError when it is empty, unreadable or of no known kind."""
    kind, compression = container_of(path)
    if kind == "parquet":
        return Sample(path, kind, columns=_parquet_columns(path))
    if kind == "sqlite":
        return Sample(path, kind, tables=_sqlite_tables(path))
    head = head_of(path, compression)
    text = head.text.lstrip(" \t\r\n")
    if text.startswith("["):
        sample = _json_sample(path, "json_array", compression, _first_values(text))
    elif text.startswith("{"):
        sample = _objects_sample(path, compression, text)
    else:
        sample = _delimited_sample(path, compression, head.text, delimiter, header)
    return replace(sample, is_foreign=head.is_foreign)


def _objects_sample(path: Path, compression: str, text: str) -> Sample:
    """The sample of JSON objects: one on each line, or in any other order of lines."""
    lines = _records(text.split("\n"))
    first = next(pieces(text.encode()))
    values = _first_values(text)
    # A document over several lines may have a line within that is an object itself.
    if len(values) > len(lines) or (b"\n" in first and _records([first])):
        return _json_sample(path, "json_objects", compression, values)
    return _json_sample(path, "ndjson", compression, lines)


def _json_sample(path: Path, kind: str, compression: str, records: list[dict[str, Any]]) -> Sample:
    columns = tuple(dict.fromkeys(key for record in records for key in record))
    return Sample(path, kind, compression, columns, tuple(records))


def _records(texts: Iterable[str | bytes]) -> list[dict[str, Any]]:
    records = []
    for text in texts:
        try:
            record = json.loads(text)
            # Python reads halves of signs, which are no text to anybody else.
            if isinstance(record, dict) and json.dumps(record, ensure_ascii=False).encode():
                records.append(record)
        except (ValueError, RecursionError):
            continue
        if len(records) == _SAMPLE_RECORDS:
            break
    return records


def _first_values(text: str) -> list[dict[str, Any]]:
    """The first objects among JSON values, of which the text may be only the beginning."""
    return _records(islice(pieces(text.encode()), _SAMPLE_RECORDS))


def _delimited_sample(
    path: Path, compression: str, text: str, delimiter: str | None, header: bool
) -> Sample:
    # The module's own limit, 128 KB a field, is less than exports hold.
    csv.field_size_limit(_LONGEST_FIELD)
    head = _LINE_BREAK.split(text)[:1000]
    lines = [line for line in head if line.strip()][:200]
    if not lines:
        msg = f"{path} holds blank lines only. Wanted: at least one row."
        raise SourceError(msg)
    delimiter = delimiter or _delimiter_of(lines)
    first = next(csv.reader(lines[:1], delimiter=delimiter))
    if header:
        columns = _unique([name.strip() for name in first])
    else:
        columns = [f"column{number}" for number in range(1, len(first) + 1)]
    return Sample(
        path,
        "delimited",
        compression,
        tuple(columns),
        head=tuple(lines),
        delimiter=delimiter,
        has_header=header,
        leading_blanks=next(i for i, line in enumerate(head) if line.strip()),
    )


def _delimiter_of(lines: list[str]) -> str:
    """The delimiter that cuts most lines into the same number (> 1) of fields."""

    def agreement(delimiter: str) -> tuple[float, int]:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter))
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
        return (count / len(lines) if width > 1 else 0.0, width)

    # A space inside fields must not win over a real delimiter that agrees as well.
    best = max(_DELIMITERS[:-1], key=agreement)
    if agreement(best)[0] >= 0.5:
        return best
    return " " if agreement(" ")[0] >= 0.9 else best


def _unique(names: list[str]) -> list[str]:
    """Column names without blanks and repeats: a second `id` becomes `id_2`."""
    seen: Counter[str] = Counter()
    unique = []
    for number, name in enumerate(names, start=1):
        name = name or f"column{number}"
        seen[name] += 1
        unique.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return unique


def _parquet_columns(path: Path) -> tuple[str, ...]:
    try:
        return tuple(pq.read_schema(path).names)
    except (OSError, pa.ArrowException) as error:
        msg = (
            f"{path} begins like Parquet but cannot be read: {in_brief(error)}. Wanted: a whole "
            "Parquet file. Export it again."
        )
        raise SourceError(msg) from error


def _sqlite_tables(path: Path) -> dict[str, tuple[str, ...]]:
    try:
        with sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True) as con:
            names = con.execute(
                "select name from sqlite_master where type in ('table', 'view')"
                " and name not like 'sqlite_%' order by name"
            ).fetchall()
            tables = {
                name: tuple(
                    row[0] for row in con.execute("select name from pragma_table_info(?)", [name])
                )
                for (name,) in names
            }
        con.close()
    except sqlite3.Error as error:
        msg = f"{path} cannot be read as SQLite: {in_brief(error)}. Wanted: a whole database file."
        raise SourceError(msg) from error
    return tables
