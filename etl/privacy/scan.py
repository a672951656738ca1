"""Looks for personal data in what the lake holds, of the kinds that are known. Changes nothing."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import polars as pl

from etl.config.redact import IDS, KINDS, Rules
from etl.errors import DwellError
from etl.lake.schema import EVENT_COLUMNS
from etl.lake.state import LakeState
from etl.privacy.texts import Cutter, cutter_of

_COLUMNS = {
    "events": tuple(c.name for c in EVENT_COLUMNS if c.type.startswith("VARCHAR")),
    "rejected": ("reason", "raw"),
}
_OURS = ("source", "stream")
_SHOWN = 2


@dataclass(frozen=True)
class Finding:
    """Values of one kind in one place of a source.

    table     events, or rejected
    column    or a property as `properties.name`
    values    rows that hold one
    example   the first of them, of which most signs are left out
    rule      what in [sources.NAME.redact] would cut it
    """

    source: str
    table: str
    column: str
    kind: str
    values: int
    example: str
    rule: str


@dataclass
class _Found:
    values: int = 0
    example: str = ""


def scan(state: LakeState) -> list[Finding]:
    """What looks personal in the events and rejected rows of a lake: most values first.

    Files that are lost or damaged are passed over: `dwell check` tells of them.
    """
    cutter = cutter_of(Rules(patterns=KINDS))
    found: dict[tuple[str, str, str, str], _Found] = defaultdict(_Found)
    for table, columns in _COLUMNS.items():
        for file in state.of_kind(table):
            for column in columns:
                if column in _OURS:
                    continue
                texts = _texts(state.path_of(file), column)
                for place, kind, count, part in _in_texts(cutter, column, texts):
                    one = found[file.source, table, place, kind]
                    one.values += count
                    one.example = one.example or masked(part)
    findings = [
        Finding(*place, one.values, one.example, _rule(*place[1:])) for place, one in found.items()
    ]
    return sorted(findings, key=lambda one: (-one.values, one.source, one.column, one.kind))


def masked(text: str) -> str:
    """A text of which nobody can tell what it was: its first and last sign, and how long it is."""
    text = text.strip(" \"'?&=,;:/(")
    shown = f"{text[:1]}…{text[-1:]}" if len(text) > _SHOWN * 2 else "…"
    return f"{shown} ({len(text)} characters)"


def _texts(path: Any, column: str) -> pl.DataFrame:
    """The values of a column, each once, and how many rows have it."""
    try:
        rows = pl.scan_parquet(path).select(pl.col(column).alias("text")).collect()["text"]
    except (OSError, pl.exceptions.PolarsError, DwellError):
        return pl.DataFrame({"text": [], "values": []}, {"text": pl.String, "values": pl.Int64})
    if isinstance(rows.dtype, pl.List):
        rows = rows.explode(empty_as_null=True)
    return rows.drop_nulls().value_counts(name="values")


def _in_texts(
    cutter: Cutter, column: str, texts: pl.DataFrame
) -> Iterator[tuple[str, str, int, str]]:
    """Place, kind, rows and what was found, of each text that holds some."""
    met = texts.filter(pl.col("text").str.contains(cutter.joined))
    if not met.height:
        return
    values = dict(met.iter_rows())
    if column != "properties":
        for text, kind, part in cutter.found_in(met["text"]):
            yield column, kind, values[text], part
        return
    leaves: Counter[tuple[str, str]] = Counter()
    for text, count in values.items():
        for leaf in set(_leaves(text)):
            leaves[leaf] += count
    names: dict[str, list[str]] = defaultdict(list)
    for text, name in leaves:
        names[text].append(name)
    for text, kind, part in cutter.found_in(pl.Series(list(names), dtype=pl.String)):
        for name in names[text]:
            yield f"properties.{cutter.text(name)}", kind, leaves[text, name], part


def _leaves(text: str) -> Iterator[tuple[str, str]]:
    """The texts and numbers within properties, each with the name of its property, as JSON."""
    try:
        content = msgspec.json.decode(text.encode("utf-8", "surrogatepass"))
    except msgspec.DecodeError:
        yield text, ""
        return
    yield from _leaves_of(content, "")


def _leaves_of(value: Any, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            # Whether it is a secret, its name may tell.
            is_leaf = not isinstance(inner, dict | list)
            pair = msgspec.json.encode({key: inner}).decode()[1:-1] if is_leaf else key
            yield pair, key
            if not is_leaf:
                yield from _leaves_of(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves_of(inner, name)
    elif value is not None and not isinstance(value, bool):
        yield str(value), name


def _rule(table: str, column: str, kind: str) -> str:
    if table == "events" and column in IDS:
        return f'pseudonymise = ["{column}"]'
    name = column.removeprefix("properties.")
    rule = f'patterns = ["{kind}"]'
    if name != column and name and "[" not in name:
        rule += f', or properties = {{ "{name}" = "drop" }}'
    return rule
