"""Which rows are new: the columns that only grow, what was seen of them, and the SQL of the rest.

A row is read when any of its watermark columns says that it is new. Transactions commit out of
order, so rows a little below the newest value seen are read again: `lookback` for times,
`lookback_ids` for numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from etl.config.databases import Database
from etl.config.sources import TableEvent
from etl.errors import SourceError, did_you_mean
from etl.extract.server import Column, Server
from etl.formats.field_map import TABLE_ALIASES, columns_of, plain_name

# Names of the column that every change of a row moves.
UPDATED = ("updatedat", "updatedon", "updated", "modifiedat", "modifiedon", "modified",
           "lastmodified", "lastupdated", "changedat", "lastactivitydate")  # fmt: skip

# The newest value seen of each watermark column, as the server writes it; None where none was.
Marks = Mapping[str, str | None]


@dataclass(frozen=True)
class Plan:
    """How one table is read. `key`: the column that names its rows, if there is one."""

    columns: tuple[Column, ...]
    marks: tuple[Column, ...]
    times: frozenset[str]
    key: str | None


def plan(
    columns: Sequence[Column],
    events: Sequence[TableEvent],
    named: tuple[str, ...] | None,
) -> Plan:
    """The plan of a table with these columns. `named`: watermark columns of dwell.toml, if any.

    SourceError where a column that dwell.toml names is not there, or cannot be a watermark.
    """
    by_name = {column.name: column for column in columns}
    for event in events:
        for name in (event.user, event.time, event.id, event.when):
            if name is not None and name not in by_name:
                raise SourceError(_no_column(name, by_name))
    times = frozenset(event.time for event in events)
    key = _key_of(columns)
    if named is None:
        return Plan(tuple(columns), _usual(columns, events, by_name), times, key)
    for name in named:
        if name not in by_name:
            raise SourceError(_no_column(name, by_name))
        if by_name[name].kind == "other":
            msg = (
                f"its column '{name}' is of type {by_name[name].type} and cannot be a watermark. "
                "Wanted: a time or a whole number that grows, or watermark = false to read the "
                "whole table each time."
            )
            raise SourceError(msg)
    return Plan(tuple(columns), tuple(by_name[name] for name in named), times, key)


def newest(server: Server, relation: str, table_plan: Plan, zone: str) -> Marks:
    """The newest value of each watermark column now. Times ahead of the present do not count:
    one of them would hide all that comes before it."""
    marks: dict[str, str | None] = {}
    for column in table_plan.marks:
        name = server.name(column.name)
        condition = f"{name} is not null"
        if column.kind == "time":
            condition += f" and {name} <= {server.now(column, zone)}"
        # By its own name alone the column would be ordered as the text that is selected.
        marks[column.name] = server.text(
            f"select {server.as_text(name)} from {relation} as marked where {condition} "
            f"order by marked.{name} desc limit 1"
        )
    return marks


def new_rows(server: Server, database: Database, table_plan: Plan, marks: Marks | None) -> str:
    """The SQL condition of rows that may be new after these marks; of all rows without marks."""
    if not table_plan.marks or marks is None or set(marks) != {c.name for c in table_plan.marks}:
        return "1 = 1"
    parts = []
    for column in table_plan.marks:
        name, value = server.name(column.name), marks[column.name]
        if value is None:
            parts.append(f"{name} is not null")
        elif column.kind == "time":
            seconds = database.lookback.total_seconds()
            parts.append(f"{name} >= {server.time_before(column, value, seconds)}")
        else:
            is_time = column.name in table_plan.times
            parts.append(f"{name} >= {_number_before(value, database, is_time)}")
    # A row that says nothing is never known to be old.
    if all(column.is_nullable for column in table_plan.marks):
        silent = " and ".join(f"{server.name(column.name)} is null" for column in table_plan.marks)
        parts.append(f"({silent})")
    return "(" + " or ".join(parts) + ")"


def _usual(
    columns: Sequence[Column], events: Sequence[TableEvent], by_name: Mapping[str, Column]
) -> tuple[Column, ...]:
    """The column that every change moves, else the events' times; and the number of the row."""
    growing = [c for c in columns if c.kind == "time" and plain_name(c.name) in UPDATED][:1]
    if not growing:
        times = dict.fromkeys(event.time for event in events)
        growing = [by_name[time] for time in times if by_name[time].kind != "other"]
    keys = [column for column in columns if column.is_key]
    if len(keys) == 1 and keys[0].kind == "whole":
        growing += keys
    return tuple(dict.fromkeys(growing))


def _key_of(columns: Sequence[Column]) -> str | None:
    """The primary key of one column; of a view, which has none, the column that is named so."""
    keys = [column.name for column in columns if column.is_key]
    if not keys:
        keys = columns_of("event_id", [c.name for c in columns], TABLE_ALIASES["event_id"])[:1]
    return keys[0] if len(keys) == 1 else None


def _number_before(value: str, database: Database, is_time: bool) -> str:
    """A number below the value. Numbers that are times count s, ms, µs or ns: their size tells."""
    number = Decimal(value)
    back = database.lookback_ids
    if is_time:
        unit = next((u for u in (1, 10**3, 10**6) if abs(number) < 10**11 * u), 10**9)
        back = max(back, int(database.lookback.total_seconds()) * unit)
    return f"({number - back:f})"


def _no_column(name: str, known: Mapping[str, Column]) -> str:
    return f"it has no column '{name}' that the user may read. {did_you_mean(name, known)}"
