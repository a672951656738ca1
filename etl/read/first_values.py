"""What the first rows of a file hold, by column. Interprets no value."""

import csv
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from etl.read.sample import Sample

_ROWS = 200


def first_values(sample: Sample) -> Mapping[str, list[str]]:
    """Column → texts of its values in the first rows, without those that are null or empty.

    Each column of the sample is there. Nested values are no texts: they are left out.
    """
    found: dict[str, list[str]] = {column: [] for column in sample.columns}
    for row in _rows(sample):
        for column, value in row.items():
            if column in found and value not in (None, "") and not isinstance(value, dict | list):
                found[column].append(str(value).strip())
    return found


def _rows(sample: Sample) -> list[dict[str, Any]]:
    if sample.kind == "parquet":
        return _parquet_rows(sample)
    if sample.kind != "delimited":
        return list(sample.records)
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


def _parquet_rows(sample: Sample) -> list[dict[str, Any]]:
    """The first rows; none where they cannot be read, which loading tells better."""
    try:
        with pq.ParquetFile(sample.path) as file:
            for batch in file.iter_batches(_ROWS):
                return list(batch.to_pylist())
    except (OSError, pa.ArrowException, ValueError):
        pass
    return []
