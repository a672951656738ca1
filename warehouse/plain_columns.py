"""Columns of any query as others can read them. The engine has more types than they have."""

import re
from collections.abc import Iterable
from itertools import chain, count

import duckdb

from etl.duck import named

# What polars, Excel and browsers have no type for, or another one.
_UNREADABLE = re.compile(
    r"\b(BIGNUM|BIT|BLOB|GEOMETRY|INTERVAL|TIME WITH TIME ZONE|UNION|VARIANT)\b"
)
_TIME = re.compile(r"(DATE|TIMESTAMP[^\[\]]*)\Z")
_LIST = re.compile(r"(.*)\[\d*\]\Z", re.DOTALL)
_NESTED = re.compile(r"(STRUCT|MAP)\b|.*\]\Z", re.DOTALL)


def readable(
    relation: duckdb.DuckDBPyRelation, *, flat: bool, naive: bool
) -> duckdb.DuckDBPyRelation:
    """The relation with what others cannot read as text, and each name once.

    Dates and times that are infinite, or not of the years 1 to 9999, are null. `flat`: so are
    values that hold others, but lists of texts; `naive`: times with a zone are UTC, without one.
    """
    kinds = map(str, relation.types)
    # By their places: a query may call two columns by one name.
    columns = (
        f"{_read(f'#{place}', kind, flat, naive)} as {named(name)}"
        for place, (name, kind) in enumerate(zip(_once(relation.columns), kinds, strict=True), 1)
    )
    return relation.project(", ".join(columns))


def _once(names: Iterable[str]) -> list[str]:
    """The names, each once whatever its case: a second one is numbered."""
    taken: dict[str, str] = {}
    for name in names:
        numbered = (f"{name}_{number}" for number in count(1))
        free = next(each for each in chain([name], numbered) if each.lower() not in taken)
        taken[free.lower()] = free
    return list(taken.values())


def _read(column: str, kind: str, flat: bool, naive: bool) -> str:
    if _UNREADABLE.search(kind) or (flat and kind != "VARCHAR[]" and _NESTED.match(kind)):
        return f"{column}::varchar"
    if naive and kind == "TIMESTAMP WITH TIME ZONE":
        return f"timezone('UTC', {_bounded(column, kind)})"
    return _bounded(column, kind)


def _bounded(column: str, kind: str, depth: int = 0) -> str:
    """The column, also where it is lists, with null for the times that others cannot read."""
    if _TIME.match(kind):
        return f"if(isfinite({column}) and year({column}) between 1 and 9999, {column}, null)"
    element, of = f"x{depth}", _LIST.match(kind)
    bounded = _bounded(element, of[1], depth + 1) if of else element
    return (
        column if bounded == element else f"list_transform({column}, lambda {element}: {bounded})"
    )
