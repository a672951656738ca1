"""Rows as XLSX: numbers, dates and times as such, text as text and never a formula.

Written row after row, so that a file on disk may have more rows than memory holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

# What a sheet and a cell of Excel hold at most; the head has one row.
MOST_ROWS = 1_048_575
MOST_CHARACTERS = 32_767
# Of a longer number Excel changes the last digits; no day of its calendar is before this one.
_LARGEST = 10**15
_FIRST_DAY = date(1900, 1, 1)
_WIDTHS = (9, 60)
_MOST_OF_A_NAME = 31
_FORMS = {"rate": "0.0%", "count": "0"}


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook.

    units  of each row, where the numbers of a column are of several: "rate" is written as a
           percentage, "count" as a whole number, others with decimals
    """

    name: str
    frame: pl.DataFrame
    units: Sequence[str] = ()


def write_xlsx(
    frames: Iterable[pl.DataFrame],
    facts: Mapping[str, str],
    out: IO[bytes],
    scratch: Path | None = None,
) -> None:
    """Writes frames of the same columns, one or more, and the facts on a sheet About.

    `scratch`: a folder for what does not fit into memory; without one all is kept there.
    """
    kept = {"constant_memory": True, "tmpdir": str(scratch)} if scratch else {"in_memory": True}
    book = _book(out, kept)
    try:
        sheets = _Sheets(book, "Rows", {"about"})
        for frame in frames:
            sheets.add(_plain(frame))
        sheets.end()
        _write_facts(book, facts, sheets.cut)
        book.close()
    except BaseException:
        # To close the book would write it.
        for sheet in book.worksheets():
            if rows := getattr(sheet, "row_data_fh", None):
                with suppress(OSError):
                    rows.close()
        raise


def workbook_of(sheets: Iterable[Sheet], facts: Mapping[str, str]) -> bytes:
    """Several sheets, each with its own columns, and the facts on a last one, About.

    A name is made one that Excel takes, and that no other sheet has.
    """
    out = BytesIO()
    names, cut = {"about"}, 0
    with _book(out, {"in_memory": True}) as book:
        for sheet in sheets:
            part = _Sheets(book, sheet.name, names, sheet.units)
            part.add(_plain(sheet.frame))
            part.end()
            cut += part.cut
        _write_facts(book, facts, cut)
    return out.getvalue()


def _book(out: IO[bytes], kept: Mapping[str, Any]) -> Any:
    """A workbook in which no text becomes a formula or a link."""
    import xlsxwriter

    plain = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
    return xlsxwriter.Workbook(out, {**kept, **plain})


def _free_name(wanted: str, taken: set[str]) -> str:
    """The name without what Excel refuses in it; it is added to those that are taken."""
    plain = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", wanted).strip(" '") or "Sheet"
    name, number = plain[:_MOST_OF_A_NAME].rstrip(" '"), 1
    while name.lower() in taken:
        number += 1
        end = f" {number}"
        name = plain[: _MOST_OF_A_NAME - len(end)] + end
    taken.add(name.lower())
    return name


def _write_facts(book: Any, facts: Mapping[str, str], cut: int) -> None:
    """The sheet About; `cut`: how many texts of the rows were too long for their cells."""
    if cut:
        told = f"{cut:,}, to the {MOST_CHARACTERS:,} characters that a cell holds"
        facts = {**facts, "Texts cut": told}
    about = book.add_worksheet("About")
    about.set_column(0, 0, 22)
    about.set_column(1, 1, 90)
    for at, (name, text) in enumerate(facts.items()):
        about.write_string(at, 0, name)
        about.write_string(at, 1, text[:MOST_CHARACTERS])


class _Sheets:
    """The sheets of one book that hold the rows of one table, as many as they need.

    cut  how many texts were longer than a cell may be
    """

    def __init__(self, book: Any, name: str, taken: set[str], units: Sequence[str] = ()):
        self._book = book
        self._name = name
        self._taken = taken
        self._units = [_FORMS.get(unit, "") for unit in units]
        self._forms = {each: book.add_format({"num_format": each}) for each in _FORMS.values()}
        self._head = book.add_format({"bold": True})
        self._sheet: Any = None
        self._rows = 0
        self.cut = 0
        self._writers: list[Callable[[int, int, Any], None]] = []
        self._frame: pl.DataFrame | None = None

    def add(self, frame: pl.DataFrame) -> None:
        """Writes the rows of a frame. The first one says what the columns are."""
        if self._frame is None:
            self._frame = frame
            self._writers = [self._writer(*column) for column in frame.schema.items()]
            self._begin()
        for row in frame.iter_rows():
            if self._rows == MOST_ROWS:
                self.end()
                self._begin()
            self._rows += 1
            for column, value in enumerate(row):
                if value is not None:
                    self._writers[column](self._rows, column, value)

    def end(self) -> None:
        """Ends a sheet: its rows can be chosen by its head."""
        if self._frame is not None and self._frame.width:
            self._sheet.autofilter(0, 0, max(self._rows, 1), self._frame.width - 1)

    def _begin(self) -> None:
        self._rows = 0
        self._sheet = self._book.add_worksheet(_free_name(self._name, self._taken))
        self._sheet.freeze_panes(1, 0)
        assert self._frame is not None
        for column, values in enumerate(self._frame.head(500)):
            texts = (str(value) for value in values if value is not None)
            width = max([len(values.name) + 3, *map(len, texts)])
            self._sheet.set_column(column, column, min(max(width, _WIDTHS[0]), _WIDTHS[1]))
            self._sheet.write_string(0, column, values.name, self._head)

    def _writer(self, name: str, kind: pl.DataType) -> Callable[[int, int, Any], None]:
        """What writes a value of a column into a cell."""
        import polars as pl

        def number(row: int, column: int, value: Any) -> None:
            if isinstance(value, int) and abs(value) >= _LARGEST:
                self._sheet.write_string(row, column, str(value))
            else:
                of_row = self._units[row - 1] if self._units else ""
                self._sheet.write_number(row, column, value, self._forms.get(of_row, form))

        def moment(row: int, column: int, value: Any) -> None:
            if (value.date() if hasattr(value, "date") else value) < _FIRST_DAY:
                self._sheet.write_string(row, column, value.isoformat())
            else:
                self._sheet.write_datetime(row, column, value, form)

        def truth(row: int, column: int, value: Any) -> None:
            self._sheet.write_boolean(row, column, value)

        def text(row: int, column: int, value: Any) -> None:
            whole = str(value)
            self.cut += len(whole) > MOST_CHARACTERS
            self._sheet.write_string(row, column, whole[:MOST_CHARACTERS])

        if kind.is_numeric():
            whole = "0" if kind.is_integer() else "0.0##"
            form = self._book.add_format({"num_format": "0.0%" if _is_share(name) else whole})
            return number
        if kind.is_temporal() and kind in (pl.Date, pl.Datetime):
            shown = "yyyy-mm-dd" if kind == pl.Date else "yyyy-mm-dd hh:mm:ss"
            form = self._book.add_format({"num_format": shown})
            return moment
        return truth if kind == pl.Boolean else text


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with its times in UTC, without a zone: Excel knows none."""
    import polars as pl

    zoned = [name for name, kind in frame.schema.items() if getattr(kind, "time_zone", None)]
    return frame.with_columns(
        pl.col(name).dt.convert_time_zone("UTC").dt.replace_time_zone(None) for name in zoned
    )


def _is_share(column: str) -> bool:
    return column == "share" or column.endswith(("_rate", "_rate_low", "_rate_high"))
