"""Compares the fields of a file with those of its source's earlier files. Keeps nothing."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from etl.formats.field_map import NESTED_FOLDER_ALIASES
from etl.read.sample import Sample

# That a field of the earlier rows is in none of these by chance must be less likely than this.
_CHANCE = 0.001
# Earlier rows beyond these say nothing more.
_MANY_ROWS = 1000
_MOST_SENTENCES = 20
_SAY_NOTHING = ("unknown", "any")
_TIME = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?\s*(?:Z|UTC|[+-][\d:]+)?)?"
)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_KIND_OF_TYPE = {
    type(None): "unknown", bool: "boolean", int: "number", float: "number", list: "list",
}  # fmt: skip
_NULLS = frozenset(["", "null", "none", "nan", "undefined", r"\n"])


@dataclass(frozen=True)
class Fields:
    """Fields by name (`properties.plan` inside the properties), each with its kind.

    `shares`: of rows that have the field, where that is not every row. `rows`: rows looked at;
    None where the file declares its columns. `is_text`: all values are text, as in CSV, so that
    text may hold whatever else.
    """

    kinds: Mapping[str, str]
    shares: Mapping[str, float] = field(default_factory=dict)
    rows: int | None = None
    is_text: bool = False


def fields_of(sample: Sample) -> Fields:
    """The fields of the file's beginning; none of an empty one."""
    if sample.kind in ("ndjson", "json_array", "json_objects", "json_wrapped"):
        return _of_records(sample.records)
    if sample.kind == "delimited":
        return _of_lines(sample)
    if sample.kind == "parquet":
        return Fields(dict(_of_parquet(sample)))
    names = sample.columns or [f"{t}.{c}" for t, columns in sample.tables.items() for c in columns]
    return Fields(dict.fromkeys(names, "any"))


def changes(before: Fields, now: Fields) -> list[str]:
    """Sentences about new fields, fields that are gone, and fields of another kind.

    A field that some rows have and others not may be missing by chance: it is told only where
    that is next to impossible.
    """
    sentences = [
        f"Field {name} is {now.kinds[name]} now and was {kind}."
        for name, kind in before.kinds.items()
        if name in now.kinds and _is_other(kind, now.kinds[name], is_text=now.is_text)
    ]
    sentences += [
        f"Field {name} is gone; it was {kind}{_in_rows(before.shares.get(name))}."
        for name, kind in before.kinds.items()
        if _is_gone(name, before, now)
    ]
    sentences += [
        f"New field {name} ({kind}{_in_rows(now.shares.get(name))})."
        for name, kind in now.kinds.items()
        if name not in before.kinds and kind != "unknown" and _is_sure(now.shares, name, before)
    ]
    if len(sentences) > _MOST_SENTENCES:
        more = f"{len(sentences) - _MOST_SENTENCES} more changes of fields."
        sentences = [*sentences[:_MOST_SENTENCES], more]
    return sentences


def known_after(before: Fields, now: Fields) -> Fields:
    """What is known of the fields once both were seen: the ones to compare the next file with."""
    gone = {name for name in before.kinds if _is_gone(name, before, now)}
    names = [name for name in dict.fromkeys([*before.kinds, *now.kinds]) if name not in gone]
    if now.rows is None or before.rows is None:
        return Fields({name: _kind_after(name, before, now) for name in names}, is_text=now.is_text)
    old, new = min(before.rows, _MANY_ROWS), now.rows
    shares = {
        name: (_share(before, name) * old + _share(now, name) * new) / max(old + new, 1)
        for name in names
    }
    return Fields(
        {name: _kind_after(name, before, now) for name in names},
        {name: round(share, 4) for name, share in shares.items() if share < 1},
        min(old + new, _MANY_ROWS),
        now.is_text,
    )


def _share(fields: Fields, name: str) -> float:
    return fields.shares.get(name, 1.0) if name in fields.kinds else 0.0


def _is_gone(name: str, before: Fields, now: Fields) -> bool:
    has_kind = before.kinds[name] != "unknown"
    return has_kind and name not in now.kinds and _is_sure(before.shares, name, now)


def _is_sure(shares: Mapping[str, float], name: str, others: Fields) -> bool:
    """Whether the rows of the others would have shown the field, if they had it as often."""
    share = shares.get(name, 1.0)
    return share == 1 or others.rows is None or float((1 - share) ** others.rows) < _CHANCE


def _is_other(before: str, now: str, *, is_text: bool) -> bool:
    if before == now or before in (*_SAY_NOTHING, "mixed") or now in _SAY_NOTHING:
        return False
    # A text may look like a time today; in a file of text like a number as well.
    return not (before == "text" and (now == "time" or is_text))


def _kind_after(name: str, before: Fields, now: Fields) -> str:
    old, new = before.kinds.get(name, "unknown"), now.kinds.get(name, "unknown")
    return new if old in _SAY_NOTHING or _is_other(old, new, is_text=now.is_text) else old


def _in_rows(share: float | None) -> str:
    return "" if share is None else f" in {share:.0%} of the rows"


def _of_records(records: Iterable[Mapping[str, Any]]) -> Fields:
    fields: dict[str, list[Any]] = defaultdict(list)
    rows = 0
    for record in records:
        rows += 1
        for name, value in record.items():
            fields[name].append(value)
            if type(value) is dict and name.lower() in NESTED_FOLDER_ALIASES:
                for key, inner in value.items():
                    fields[f"{name}.{key}"].append(inner)
    shares = {name: len(those) / rows for name, those in fields.items() if len(those) < rows}
    return Fields({name: _joined(_kinds_of(those)) for name, those in fields.items()}, shares, rows)


def _kinds_of(values: list[Any]) -> set[str]:
    """The kinds of JSON values. Times among other text are as good as text, and not looked for."""
    types = {*map(type, values)}
    kinds = {_KIND_OF_TYPE[kind] for kind in types - {str, dict}}
    if str in types:
        texts = values if len(types) == 1 else [value for value in values if type(value) is str]
        kinds.add("time" if all(map(_TIME.fullmatch, texts)) else "text")
    if dict in types:
        kinds |= {_kind_of_object(value) for value in values if type(value) is dict}
    return kinds


def _kind_of_object(value: dict[str, Any]) -> str:
    """The kind of a JSON object; of MongoDB's extended JSON that of what is meant."""
    sign = next(iter(value), "") if len(value) == 1 else ""
    if not sign.startswith("$"):
        return "object"
    return "number" if sign.startswith("$number") else "time" if sign == "$date" else "text"


def _joined(kinds: set[str]) -> str:
    """One kind for the values of a field."""
    known = kinds - {"unknown"}
    if known == {"text", "time"}:
        return "text"
    return "unknown" if not known else known.pop() if len(known) == 1 else "mixed"


def _of_lines(sample: Sample) -> Fields:
    lines = sample.head[sample.preamble + sample.has_header :]
    width = len(sample.columns)
    cells: dict[str, set[str]] = {name: set() for name in sample.columns}
    rows = csv.reader(
        lines,
        delimiter=sample.delimiter,
        quoting=csv.QUOTE_MINIMAL if sample.quote else csv.QUOTE_NONE,
        quotechar=sample.quote or None,
    )
    columns = zip(*(row for row in rows if len(row) == width), strict=True)
    for name, column in zip(sample.columns, columns, strict=False):
        cells[name].update(map(str.strip, column))
    return Fields({name: _kind_of_texts(those) for name, those in cells.items()}, is_text=True)


def _kind_of_texts(cells: Iterable[str]) -> str:
    """One kind for the cells of a column. What one of them says that is just text decides."""
    kinds = set()
    for cell in cells:
        kinds.add(_kind_of_text(cell))
        if "text" in kinds:
            return "text"
    joined = _joined(kinds)
    return "text" if joined == "mixed" else joined


def _kind_of_text(cell: str) -> str:
    if cell.lower() in _NULLS:
        return "unknown"
    if cell.lower() in ("true", "false"):
        return "boolean"
    if _NUMBER.fullmatch(cell):
        return "number"
    return "time" if _TIME.fullmatch(cell) else "text"


def _of_parquet(sample: Sample) -> Iterable[tuple[str, str]]:
    import pyarrow.parquet as pq

    for column in pq.read_schema(sample.path):
        yield column.name, _kind_of_type(column.type)
        if _kind_of_type(column.type) == "object" and column.name.lower() in NESTED_FOLDER_ALIASES:
            for inner in getattr(column.type, "fields", []):
                yield f"{column.name}.{inner.name}", _kind_of_type(inner.type)


def _kind_of_type(arrow_type: Any) -> str:
    from pyarrow import types

    if types.is_dictionary(arrow_type):
        return _kind_of_type(arrow_type.value_type)
    tests = {
        "unknown": (types.is_null,),
        "boolean": (types.is_boolean,),
        "number": (types.is_integer, types.is_floating, types.is_decimal),
        "time": (types.is_temporal,),
        "list": (types.is_list, types.is_large_list, types.is_fixed_size_list),
        "object": (types.is_struct, types.is_map),
    }
    matching = (kind for kind, those in tests.items() if any(test(arrow_type) for test in those))
    return next(matching, "text")
