"""What the first rows of a file hold, by column. Interprets no value."""

import csv
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from etl.config.empty_words import EMPTY_WORDS
from etl.read.sample import Sample

_ROWS = 200
_EMPTY = {"", *(word.lower() for word in EMPTY_WORDS)}


def first_values(sample: Sample) -> Mapping[str, list[str]]:
    """Column → texts of its values in the first rows, without those that say nothing.

    Each column of the sample is there. Nested values are no texts: they are left out.
    """
    if sample.kind == "parquet":
        found = _of_parquet(sample)
    elif sample.kind == "delimited":
        found = _of_rows(sample, _rows(sample))
    else:
        found = _of_rows(sample, sample.records)
    return {
        column: [text for value in values if (text := value.strip()).lower() not in _EMPTY]
        for column, values in found.items()
    }


def _of_rows(sample: Sample, rows: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    return {
        column: [
            str(value)
            for row in rows
            if (value := row.get(column)) is not None and not isinstance(value, dict | list)
        ]
        for column in sample.columns
    }


def _rows(sample: Sample) -> list[dict[str, str]]:
    rows = csv.reader(
        sample.head[sample.preamble + sample.has_header :],
        delimiter=sample.delimiter,
        quotechar=sample.quote or None,
        quoting=csv.QUOTE_MINIMAL if sample.quote else csv.QUOTE_NONE,
    )
    try:
        return [dict(zip(sample.columns, row, strict=False)) for row in rows]
    except csv.Error:
        return []


def _of_parquet(sample: Sample) -> dict[str, list[str]]:
    """The texts by column. None where the file cannot be read, which loading tells better, and of
    a column that is no text, such as a list."""
    found: dict[str, list[str]] = {column: [] for column in sample.columns}
    try:
        with pq.ParquetFile(sample.path) as file:
            batch = next(file.iter_batches(_ROWS), None)
    except (OSError, pa.ArrowException):
        return found
    for name, values in zip(batch.schema.names, batch.columns, strict=True) if batch else ():
        try:
            texts = values.cast(pa.string(), safe=False)
            found[name] = [text for text in texts.to_pylist() if text is not None]
        except (pa.ArrowException, ValueError):
            continue
    return found
