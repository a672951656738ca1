"""The columns that a file's times are in: which of them are times, of which shape, and their SQL.

Settled once per file from a sample of its rows. Where several columns may hold the time, those of
times of day or time spent are none while another holds times; days and a time of day make one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from etl.config.empty_words import EMPTY_WORDS
from etl.config.time_shapes import SECONDS, ZONE_WORDS, shape_of
from etl.formats.time_decision import is_bare_clock, is_of_days, settle
from etl.formats.time_met import Met

_NOTHING = "null::timestamp"
_EMPTY = {word.lower() for word in EMPTY_WORDS}


@dataclass(frozen=True)
class Option:
    """One of the texts that a role is filled from: where it is, and its SQL."""

    name: str
    sql: str


@dataclass(frozen=True)
class Column:
    """How one column is read. `clock`: the column of the time of day that goes with its days.

    `is_time`: whether it is the event's time, not a time of day or time spent beside one.
    """

    met: Met
    is_time: bool = True
    clock: str | None = None


Columns = Mapping[str, Column]


@dataclass
class TimeColumns:
    """The time columns of one file, or of several that are read together.

    `given`: the time format that was asked for. `before`: shapes that the source's columns had, by
    column. `settled`: by table and column. `told`: the columns of each file, by its place.
    """

    given: str | None = None
    time_zone: str = "UTC"
    now: datetime = field(default_factory=datetime.now)
    before: Mapping[str, str] = field(default_factory=dict)
    settled: dict[tuple[str, str], Column] = field(default_factory=dict)
    told: dict[int, dict[str, Column]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.offsets = zone_offsets(self.time_zone)

    def is_settled(self, table: str | None, options: Iterable[Option]) -> bool:
        """Whether it is known what all of them are."""
        return all((table or "", option.name) in self.settled for option in options)

    def is_time(self, table: str | None, name: str) -> bool:
        """Whether the column is read as a time or part of one, as far as is known."""
        column = self.settled.get((table or "", name))
        return column is None or column.is_time or name in {c.clock for c in self.settled.values()}

    def sql(self, table: str | None, options: Sequence[Option], clock: str | None = None) -> str:
        """SQL of the event's time: of the first column of times that holds something.

        `clock`: SQL of the time of day, where a column of its own was named for it.
        """
        columns = {o.name: self.settled.get((table or "", o.name)) for o in options}
        texts = {option.name: option.sql for option in options}
        cases = []
        for option in options:
            column = columns[option.name]
            if column and not column.is_time:
                continue
            time = self._read(column, option.sql)
            if time_of_day := clock or (texts.get(column.clock or "") if column else None):
                time = f"joined_time({time}, {time_of_day})"
            # What says nothing gives way to the next column.
            is_told = f"{option.sql} is not null"
            if len(options) > 1:
                is_told += f" and not is_empty_word({option.sql})"
            cases.append(f"when {is_told} then {time}")
        return f"case {' '.join(cases)} end" if cases else _NOTHING

    def _read(self, column: Column | None, text: str) -> str:
        """SQL of one column's times; of one that is not settled yet nothing is known."""
        if not column or not column.met.shape:
            return _NOTHING
        met = column.met
        read = column.met.shape.reads(text, is_late=met.is_late)
        return f"coalesce({read}, {met.other.reads(text)})" if met.other else read

    def settle(
        self, table: str | None, options: Sequence[Option], rows: Iterable[Sequence[Any]]
    ) -> set[int]:
        """Settles the columns by rows (place of the file, a text for each option, time of day),
        sorted by place; returns the places of files that are to be read in another way.
        """
        apart = set()
        before = dict(self.before)
        known = {name for one, name in self.settled if one == (table or "")}
        chosen: dict[str, Column] = {}
        for place, those in groupby(rows, key=lambda row: row[0]):
            columns = self._columns_of([row[1:] for row in those], options, before)
            before |= shapes_of(columns)
            new = {name: column for name, column in columns.items() if name not in known}
            self.told.setdefault(place, {}).update(new)
            if any(_way(columns[name]) != _way(chosen[name]) for name in columns.keys() & chosen):
                apart.add(place)
            else:
                chosen = columns | chosen
        for name, column in chosen.items():
            self.settled.setdefault((table or "", name), column)
        return apart

    def _columns_of(
        self, rows: Sequence[Sequence[Any]], options: Sequence[Option], before: Mapping[str, str]
    ) -> dict[str, Column]:
        """What the columns of one file are; those without any value are not among them."""
        samples = {
            option.name: [row[number] for row in rows if row[number] and _is_told(row[number])]
            for number, option in enumerate(options)
        }
        has_clock = any(row[-1] for row in rows)
        mets = {
            name: met
            for name, values in samples.items()
            if (met := settle(values, self.now, before.get(name), self.offsets))
        }
        columns = {name: Column(self._as_given(met)) for name, met in mets.items()}
        real = [name for name, met in mets.items() if met.is_sure]
        if not real or has_clock:
            return columns
        for name, met in mets.items():
            # A column before it that is no point in time must not hide it.
            if met.is_clock or met.shape is SECONDS:
                columns[name] = replace(columns[name], met=replace(met, doubts=()), is_time=False)
                clock = met.is_clock or is_bare_clock(samples[name])
                if clock and is_of_days(samples[real[0]]):
                    columns[real[0]] = replace(columns[real[0]], clock=name)
        return columns

    def _as_given(self, met: Met) -> Met:
        if self.given is None or met.is_clock:
            return met
        return replace(met, shape=shape_of(self.given), is_late=False, by_source=False, doubts=())


def shapes_of(columns: Columns) -> dict[str, str]:
    """The names of the shapes that columns of times have."""
    return {name: c.met.shape.name for name, c in columns.items() if c.is_time and c.met.shape}


def sentences(columns: Columns) -> list[str]:
    """What is to be told of a file's columns beside their shapes."""
    told = [f"'{name}' {doubt}" for name, c in columns.items() for doubt in c.met.doubts]
    told += [
        f"'{name}' would fit several shapes: read as {c.met.shape.name}, as the source's before."
        for name, c in columns.items()
        if c.met.by_source and c.met.shape
    ]
    clocks = {c.clock for c in columns.values()}
    told += [
        f"'{name}' is not the time of the events: it holds no points in time, and another column "
        "does. It stays in the properties."
        for name, c in columns.items()
        if not c.is_time and name not in clocks
    ]
    return told


def zone_offsets(time_zone: str) -> dict[str, float]:
    """Words of zones and the hours that they mean: those of one meaning, and what the source's
    zone calls itself in winter and in summer."""
    own: dict[str, float] = {}
    zone = ZoneInfo(time_zone)
    for year in range(2000, 2031, 5):
        for month in (1, 7):
            at = datetime(year, month, 1, tzinfo=zone)
            offset, name = at.utcoffset(), at.tzname()
            if name and name.isalpha() and offset is not None:
                own[name.upper()] = offset.total_seconds() / 3600
    return {**ZONE_WORDS, **own}


def _is_told(text: str) -> bool:
    return text.strip().lower() not in _EMPTY


def _way(column: Column) -> tuple[Any, ...]:
    met = column.met
    return (met.shape, met.other, met.is_late, column.is_time, column.clock)
