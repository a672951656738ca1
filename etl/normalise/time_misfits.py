"""Rows that are rejected for their time: how many of each file, one of them, and what to do.

Says nothing of rows that tell no time at all, and of columns about which there is a doubt already.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pyarrow.compute as pc

from etl.arrow_numbers import as_texts
from etl.duck import quoted
from etl.formats.field_map import FieldMap
from etl.normalise.field_map_sql import Expected, time_texts
from etl.normalise.time_columns import Columns, Option
from etl.read.joined import LINE_BITS

_REASONS = ("no readable time", "time before 1970", "time over 24 h ahead")
_REJECTED = f"typed_rows where reason in ({', '.join(map(quoted, _REASONS))})"
_LONGEST = 60


@dataclass(frozen=True)
class Misfits:
    """Rejected rows of one file: how many, and the first: its line, reason, column and time."""

    count: int
    line: int
    reason: str
    column: str
    text: str


@dataclass
class TimeMisfits:
    """Those of files that are read together, by their places. `given`: the --time-format."""

    con: duckdb.DuckDBPyConnection
    given: str | None
    found: dict[int, Misfits] = field(default_factory=dict)

    def add(self, rows: Any, maps: Sequence[FieldMap], expected: Expected) -> None:
        """Looks for them among the typed rows of a chunk, whose records are laid out."""
        if "reason" not in rows.column_names or not _are_any(rows["reason"]):
            return
        for field_map in maps:
            options, select = time_texts(field_map, expected, "records")
            if not options:
                continue
            query = (
                f"select line >> {LINE_BITS} as place, count(*), min(line), "  # noqa: S608
                "arg_min(reason, line), arg_min(said, line) "
                f"from (select rejected.line, reason, {_told(options)} as said from "
                f"(select line, reason from {_REJECTED}) as rejected "
                f"inner join ({select}) as texts on texts.line = rejected.line) "
                "where said is not null group by place"
            )
            for place, count, line, reason, (column, text) in self.con.execute(query).fetchall():
                own_line = line & ((1 << LINE_BITS) - 1)
                new = Misfits(count, own_line, reason, column, text)
                self.found[place] = _both(self.found.get(place), new)

    def sentences(self, place: int, columns: Columns, rows: int) -> list[str]:
        """What to say of a file, of which so many rows were read; nothing without any."""
        found = self.found.get(place)
        if not found:
            return []
        column = columns.get(found.column)
        if column and column.met.doubts:
            return []
        text = found.text if len(found.text) <= _LONGEST else f"{found.text[:_LONGEST]}…"
        first = f"the first is {text!r} in '{found.column}' (line {found.line}: {found.reason})"
        if self.given and 2 * found.count >= rows:
            return [
                f"--time-format {self.given} fits few of the times: {found.count:,} of {rows:,} "
                f"rows are rejected for theirs, {first}. Say another one, or leave it out: most "
                "shapes are told by themselves (docs/formats.md)."
            ]
        shape = column.met.shape.name if column and column.met.shape else None
        read = f" (it is read as {shape})" if shape else ""
        return [
            f"{found.count:,} of {rows:,} rows are rejected for their time: {first}{read}. Mend "
            "them, or say with --time-format what the times are."
        ]


def _are_any(reasons: Any) -> bool:
    return bool(pc.any(pc.is_in(reasons, value_set=as_texts(_REASONS))).as_py())


def _told(options: Sequence[Option]) -> str:
    """SQL of the first column that tells a time: its name, and the text."""
    cases = [
        f"when t{number} is not null and not is_empty_word(trim(t{number}::varchar)) "
        f"then [{quoted(option.name)}, t{number}::varchar]"
        for number, option in enumerate(options)
    ]
    return f"case {' '.join(cases)} end"


def _both(one: Misfits | None, other: Misfits) -> Misfits:
    """Those of two chunks, or of two kinds of rows, of one file."""
    if one is None:
        return other
    first = min(one, other, key=lambda misfits: misfits.line)
    total = one.count + other.count
    return Misfits(total, first.line, first.reason, first.column, first.text)
