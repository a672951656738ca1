"""What a report says, as plain values; written as pages write it. Never reads the warehouse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from warehouse.written import NULL, WRITERS, amount, change, count, day

if TYPE_CHECKING:
    import polars as pl

# No table is longer on a page; the workbook has all rows.
ROWS = 10
# The fact that tells how the columns of a workbook are meant.
UNITS = "Times and units"


def _text(value: Any) -> str:
    return NULL if value is None else str(value)


def _day(value: date | None) -> str:
    return NULL if value is None else f"{value:%a} {day(value)}"


def _time(value: datetime | None) -> str:
    return NULL if value is None else f"{value:%a} {value.day} {value:%b %H:%M}"


# How a cell is written, by the unit of its column.
CELLS: Mapping[str, Callable[[Any], str]] = {
    **WRITERS,
    "text": _text,
    "day": _day,
    "time": _time,
    "relative": lambda value: change(value, "relative") or NULL,
    "points": lambda value: change(value, "points") or NULL,
    "difference": lambda value: amount(value, "count") or NULL,
    "percentile": lambda value: NULL if value is None else f"{value:.0f}",
}


@dataclass(frozen=True)
class Column:
    """One column of a table: its name in the workbook, its head, and how its cells are written."""

    name: str
    label: str
    unit: str = "count"

    @property
    def is_text(self) -> bool:
        return self.unit in ("text", "day", "time")


@dataclass(frozen=True)
class Table:
    """A table: the first rows as a page shows them, and all of them for the workbook.

    name    the sheet, and the anchor
    rows    values by the columns, at most ROWS
    links   of each row the page that tells more; none where there is none
    bar     the column whose numbers are drawn as bars, but for the last `without_bar` rows
    all_rows  every row, with all columns of the metric
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    all_rows: pl.DataFrame = field(compare=False)
    note: str = ""
    link: str = ""
    links: tuple[str, ...] = ()
    bar: int | None = None
    without_bar: int = 0

    def texts(self) -> list[list[str]]:
        """The cells as readers meet them."""
        return [
            [CELLS[column.unit](cell) for column, cell in zip(self.columns, row, strict=True)]
            for row in self.rows
        ]

    def bars(self) -> list[float]:
        """Of each row how long its bar is, by the largest one; below 0 for a fall, 0 for none."""
        if self.bar is None:
            return [0.0] * len(self.rows)
        drawn = len(self.rows) - self.without_bar
        sizes = [float(row[self.bar] or 0) for row in self.rows[:drawn]]
        most = max(map(abs, sizes), default=0) or 1
        return [*(size / most for size in sizes), *[0.0] * self.without_bar]


@dataclass(frozen=True)
class Number:
    """One headline number, what it was before, and what is normal for it.

    previous, difference and change are None where there is nothing to compare, low and high where
    nobody knows what is normal; earlier are its values in the periods before, oldest first.
    """

    name: str
    label: str
    unit: str
    value: float | None
    previous: float | None = None
    difference: float | None = None
    change: float | None = None
    change_kind: str = "relative"
    better: int = 0
    low: float | None = None
    high: float | None = None
    earlier: tuple[float | None, ...] = ()

    @property
    def text(self) -> str:
        return WRITERS[self.unit](self.value)

    @property
    def changed(self) -> str:
        """The change as share, of rates in points; "" where there is none."""
        return change(self.change, self.change_kind) or ""

    @property
    def was(self) -> str:
        """The value before; "" where nothing is compared."""
        return "" if self.previous is None else WRITERS[self.unit](self.previous)

    @property
    def normal(self) -> str:
        """What is normal, from and to; "" where it is not known."""
        if self.low is None or self.high is None:
            return ""
        # No line ends within a number.
        ends = (WRITERS[self.unit](end) for end in (self.low, self.high))
        low, high = (end.replace(" ", "\u00a0") for end in ends)
        return f"{low} to {high}"

    @property
    def place(self) -> str:
        """below, within or above what is normal; "" where that is not known."""
        if self.value is None or self.low is None or self.high is None:
            return ""
        return "below" if self.value < self.low else "above" if self.value > self.high else "within"

    @property
    def judged(self) -> str:
        """normal 946 to 1,478, above normal …, below normal …; "" where it is not known."""
        place = "" if self.place in ("", "within") else f"{self.place} "
        return f"{place}normal {self.normal}" if self.normal else ""

    @property
    def colour(self) -> str:
        """The tone, where the number is not normal or nobody knows what is; else ""."""
        return "" if self.place == "within" else self.tone

    @property
    def tone(self) -> str:
        """good or bad; "" for neither."""
        size = self.better * (self.difference or 0)
        return "good" if size > 0 else "bad" if size < 0 else ""

    @property
    def arrow(self) -> str:
        if not self.changed or self.changed[0] not in "+-":
            return ""
        return "\u2197" if (self.difference or 0) > 0 else "\u2198"


@dataclass(frozen=True)
class Point:
    """A day, week or month of the chart; low and high are what is normal for it."""

    start: date
    value: float | None
    previous: float | None = None
    low: float | None = None
    high: float | None = None
    is_doubted: bool = False


@dataclass(frozen=True)
class Chart:
    """One line over time."""

    title: str
    points: tuple[Point, ...]
    unit: str = "count"
    before: str = ""
    link: str = ""

    @property
    def told(self) -> str:
        """What it shows, for who does not see it."""
        parts = [f"{day(point.start)}: {WRITERS[self.unit](point.value)}" for point in self.points]
        return "; ".join(parts[:62])

    def table(self) -> Table:
        """The newest of its points as rows with bars, where no line can be drawn."""
        import polars as pl

        told, _, grain = self.title.partition(" by ")
        columns = (Column("start", grain.capitalize(), "day"), Column("value", told, self.unit))
        rows = tuple((point.start, point.value) for point in self.points[-ROWS:])
        return Table("Chart", self.title, columns, rows, pl.DataFrame(), bar=1)

    @property
    def has_band(self) -> bool:
        return any(point.low is not None for point in self.points)


@dataclass(frozen=True)
class Report:
    """All that a report says, in the order in which it is read.

    name     as its files are called, without an ending
    subject  of a mail
    lead     the one sentence, and after it what else is worth one
    doubts   what is not to be trusted: faults of the data, and days that are missing
    numbers  the headline numbers
    why      what moved most; None where nothing is compared
    tables   those that stand on the page; `extra` are of the workbook alone
    facts    build, zone, filters and the like, as a head has them
    """

    name: str
    title: str
    days: str
    subject: str
    lead: str
    sentences: tuple[str, ...]
    doubts: tuple[str, ...]
    numbers: tuple[Number, ...]
    facts: Mapping[str, str]
    chart: Chart | None = None
    why: Table | None = None
    why_text: str = ""
    faults: Table | None = None
    tables: tuple[Table, ...] = ()
    tables_title: str = "Where the sessions are"
    summary: Table | None = None
    days_table: Table | None = None
    definitions: Table | None = None
    extra: tuple[Table, ...] = ()
    link: str = ""
    note: str = ""
    faults_link: str = ""
    identity: str = ""

    @property
    def head(self) -> str:
        """What the numbers are of, in a line."""
        facts = self.facts
        told = [facts.get("User"), facts["Filters"], f"build {facts['Build']}"]
        return " \u00b7 ".join(part for part in [*told, facts["Time zone of days"]] if part)

    @property
    def page_facts(self) -> dict[str, str]:
        """The facts of a page, which writes its numbers out."""
        return {name: text for name, text in self.facts.items() if name != UNITS}

    @property
    def sheets(self) -> list[Table]:
        """Every table, as the workbook has them."""
        first = (self.summary, self.days_table, self.why)
        told = [table for table in (*first, *self.tables, *self.extra, self.faults) if table]
        return [*told, *([self.definitions] if self.definitions else [])]


def bounded(text: str, most: int = 80) -> str:
    """A text of the data on one line, cut where it is long; nothing in it turns the line round."""
    text = "".join(sign if sign.isprintable() else " " for sign in text).strip()
    return text if len(text) <= most else text[: most - 1] + "\u2026"


def counted(shown: int, every: int) -> str:
    """How many of the rows are shown; "" where all are."""
    return "" if every <= shown else f"{count(shown)} of {count(every)}"
