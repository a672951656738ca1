"""Export files for the tests of formats: one set of records in the containers people get."""

import csv
import gzip
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests import leaves

Record = Mapping[str, Any]


def as_lines(records: Sequence[Record | str]) -> str:
    """One JSON object a line; texts are written as they are."""
    lines = [one if isinstance(one, str) else json.dumps(one) for one in records]
    return "".join(line + "\n" for line in lines)


def as_gzip(records: Sequence[Record | str]) -> bytes:
    """The same, packed."""
    return gzip.compress(as_lines(records).encode(), mtime=0)


def as_array(records: Sequence[Record]) -> str:
    """One JSON array."""
    return json.dumps(records, indent=1)


def as_csv(records: Sequence[Record]) -> str:
    """Rows with a header; nested values as JSON text, nulls as nothing."""
    columns = list(dict.fromkeys(key for record in records for key in record))
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(columns)
    rows.writerows([_cell(record.get(column)) for column in columns] for record in records)
    return out.getvalue()


def as_parquet(records: Sequence[Record], *, packed: bool = False) -> bytes:
    """A Parquet file; nested values as structs, or `packed` as JSON text."""
    columns = dict.fromkeys(key for record in records for key in record)
    rows = [
        {key: _packed(record.get(key)) if packed else record.get(key) for key in columns}
        for record in records
    ]
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), out)
    return out.getvalue()


def lost(record: Record, event: Record, *times: str) -> set[str]:
    """The words of a record, but for those keys, that no column or property of its event holds."""
    return leaves.lost({k: v for k, v in record.items() if k not in times}, dict(event))


def picked(event: Record, *names: str) -> list[Any]:
    """The values of some columns."""
    return [event[name] for name in names]


def columns_of(events: Sequence[Record], source: str) -> list[dict[str, Any]]:
    """The events of one source, without its name and without their properties."""
    return [
        {name: value for name, value in one.items() if name not in ("source", "properties")}
        for one in events
        if one["source"] == source
    ]


def _packed(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value


def _cell(value: Any) -> str:
    return "" if value is None else str(_packed(value))
