"""Finds input files and looks at their beginning. Never interprets a row."""

import csv
import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from etl.errors import NotData, SourceError, in_brief
from etl.read.container import container_of, head_of
from etl.read.json_pieces import pieces
from etl.read.wrapper import SOURCE, rows_in, unfolded

_LONGEST_FIELD = 32 << 20
_SAMPLE_RECORDS = 200
_LINE_BREAK = re.compile(r"\r\n|\n|\r")
_DELIMITERS = (",", "\t", ";", "|", " ")
_SEPARATOR = re.compile(r"sep=(\\t|[^\w\s]|\t)?", re.IGNORECASE)
_VALUE = re.compile(r"-?\d+(?:[-./:]\d|[.,]?\d*$)")
_BLANKS = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()
# How half a sign is written: as it is, no text that was decoded holds one.
_HALF = re.compile(r"\\u[dD][89a-fA-F]")


@dataclass(frozen=True)
class Sample:
    """The beginning of a file, and what kind of container it is.

    `kind`: ndjson, json_array, json_objects (in another order than one a line), json_wrapped
    (rows within objects), delimited, lines, parquet or sqlite. `columns`: names in the order of
    the file (top-level keys of JSON records). `records`: up to 200 first records of JSON. `head`:
    up to 200 first lines of other text, blank ones left out. `tables`: columns by
    table, for SQLite. `leading_blanks`: blank lines before the first row. `quote`: what encloses
    delimited fields, empty for nothing. `is_foreign`: in another encoding than UTF-8, which its
    first bytes tell. `pattern`: of the kind `lines`, a regular expression with
    groups that yield the columns `groups`; lines that begin with `comment` are no rows.
    `inside`: of objects, the same file taken for the rows that stand in them, at `rows_at`, and
    in each of these in `folder`.
    `preamble`: lines before the header that are no rows, blank ones not counted. `taken`: role and
    column of what columns were taken for in earlier files of its kind; None where there is none.
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
    preamble: int = 0
    is_foreign: bool = False
    pattern: str | None = None
    groups: tuple[str, ...] = ()
    comment: str | None = None
    tables: dict[str, tuple[str, ...]] = field(default_factory=dict)
    rows_at: tuple[str, ...] = ()
    folder: str | None = None
    inside: "Sample | None" = None
    taken: tuple[tuple[str, str], ...] | None = None


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
        sample = _json_sample(path, "json_array", compression, _first_elements(text))
    elif text.startswith("{"):
        sample = _with_inside(_objects_sample(path, compression, text), text)
    else:
        sample = _delimited_sample(path, compression, head.text, delimiter, header)
    inside = replace(sample.inside, is_foreign=head.is_foreign) if sample.inside else None
    return replace(sample, is_foreign=head.is_foreign, inside=inside)


def _objects_sample(path: Path, compression: str, text: str) -> Sample:
    """The sample of JSON objects: one on each line, or in any other order of lines."""
    lines = text.split("\n")
    records = _records(lines)
    if not _is_one_a_line(lines, records):
        found = _first_pieces(text)
        values = _records(found)
        # A document over several lines may have a line within that is an object itself.
        if len(values) > len(records) or (b"\n" in found[0] and _records(found[:1])):
            return _json_sample(path, "json_objects", compression, values)
    return _json_sample(path, "ndjson", compression, records)


def _with_inside(sample: Sample, text: str) -> Sample:
    """The sample of objects, with that of the rows in them if there are any."""
    if documents := unfolded(list(sample.records)):
        rows_at, rows, folder = (), documents, SOURCE
    elif found := rows_in(text):
        rows_at, rows = found  # type: ignore[assignment]
        documents = unfolded(rows)
        rows, folder = documents or rows, SOURCE if documents else None  # type: ignore[assignment]
    else:
        return sample
    inside = _json_sample(sample.path, "json_wrapped", sample.compression, rows)
    return replace(sample, inside=replace(inside, rows_at=rows_at, folder=folder))


def _is_one_a_line(lines: list[str], records: list[dict[str, Any]]) -> bool:
    """Whether no order of lines but this one can yield more of the first records, or others.

    To cut a text by its brackets, which would tell as well, costs ten times as much.
    """
    if not _records(lines[:1]):
        return False
    return len(records) == _SAMPLE_RECORDS or len(records) == sum(map(bool, map(str.strip, lines)))


def _json_sample(path: Path, kind: str, compression: str, records: list[dict[str, Any]]) -> Sample:
    columns = tuple(dict.fromkeys(chain.from_iterable(records)))
    return Sample(path, kind, compression, columns, tuple(records))


def _records(texts: Iterable[str | bytes]) -> list[dict[str, Any]]:
    records = []
    for text in texts:
        try:
            record = json.loads(text)
            if isinstance(record, dict) and _is_text(text, record):
                records.append(record)
        except (ValueError, RecursionError):
            continue
        if len(records) == _SAMPLE_RECORDS:
            break
    return records


def _first_elements(text: str) -> list[dict[str, Any]]:
    """The first objects of an array, of which the text may be only the beginning."""
    found: list[Any] = []
    at, follows = 0, ","
    try:
        while follows == "," and len(found) < _SAMPLE_RECORDS:
            value, at = _DECODER.raw_decode(text, _after_blanks(text, at + 1))
            found.append(value)
            at = _after_blanks(text, at)
            follows = text[at]
    except (ValueError, IndexError, RecursionError):
        follows = ""
    # What is not as it should be is cut at its brackets, which costs five times as much.
    is_read = follows == "," or (follows == "]" and not text[at + 1 :].strip())
    if not is_read or _HALF.search(text, 0, at):
        return _records(_first_pieces(text))
    return [value for value in found if isinstance(value, dict)]


def _after_blanks(text: str, at: int) -> int:
    return _BLANKS.match(text, at).end()  # type: ignore[union-attr]


def _is_text(text: str | bytes, record: dict[str, Any]) -> bool:
    """True, or a ValueError: Python reads halves of signs, which are no text to anybody else."""
    has_halves = not isinstance(text, str) or _HALF.search(text)
    return not has_halves or bool(json.dumps(record, ensure_ascii=False).encode())


def _first_pieces(text: str) -> list[bytes]:
    """The first JSON values of a text, which may be only the beginning, and what is none."""
    return list(islice(pieces(text.encode()), _SAMPLE_RECORDS))


def _delimited_sample(
    path: Path, compression: str, text: str, delimiter: str | None, header: bool
) -> Sample:
    # The module's own limit, 128 KB a field, is less than exports hold.
    csv.field_size_limit(_LONGEST_FIELD)
    head = _LINE_BREAK.split(text, 1000)[:1000]
    lines = [line for line in head if line.strip()][:200]
    if not lines:
        msg = f"{path} holds blank lines only. Wanted: at least one row."
        raise NotData(msg)
    preamble, told = _preamble(lines)
    delimiter = delimiter or told or _delimiter_of(lines[preamble:])
    if header and _is_header(lines, preamble, delimiter):
        preamble -= 1
    first = next(csv.reader([lines[preamble].lstrip("# ")], delimiter=delimiter))
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
        preamble=preamble,
        leading_blanks=_blanks_before(head, preamble),
    )


def _preamble(lines: list[str]) -> tuple[int, str | None]:
    """How many lines stand before the header: comments, and Excel's `sep=;`, which tells the
    delimiter."""
    delimiter = None
    for number, line in enumerate(lines):
        if match := _SEPARATOR.fullmatch(line.strip(' "')):
            delimiter = (match[1] or ",").replace(r"\t", "\t")
        elif not line.startswith("#"):
            return number, delimiter
    return 0, None


def _is_header(lines: list[str], preamble: int, delimiter: str) -> bool:
    """Whether the last of the comments names the columns: it is as wide as what follows, which is
    a row of values."""
    if not preamble or not lines[preamble - 1].startswith("#"):
        return False
    names, values = csv.reader(lines[preamble - 1 : preamble + 1], delimiter=delimiter)
    return len(names) == len(values) > 1 and any(map(_VALUE.match, values))


def _blanks_before(head: list[str], preamble: int) -> int:
    """Blank lines before the row that follows the preamble."""
    filled = [number for number, line in enumerate(head) if line.strip()]
    return filled[preamble] - preamble


def _delimiter_of(lines: list[str]) -> str:
    """The delimiter that cuts most lines into the same number (> 1) of fields."""

    def agreement(delimiter: str) -> tuple[float, int]:
        if not any(delimiter in line for line in lines):
            return (0.0, 1)
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter))
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
        return (count / len(lines) if width > 1 else 0.0, width)

    # A space inside fields must not win over a real delimiter that agrees as well.
    found = {delimiter: agreement(delimiter) for delimiter in _DELIMITERS[:-1]}
    best = max(found, key=lambda delimiter: found[delimiter])
    if found[best][0] >= 0.5:
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
