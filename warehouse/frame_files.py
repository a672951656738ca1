"""Frames as files: CSV, XLSX, Parquet, with what a reader has to know. Never computes a metric.

Of a CSV the first lines tell it, behind a "#" that readers of such files pass over; of an XLSX its
second sheet; of Parquet its metadata. Columns are called as the metrics call them: durations are
seconds, rates shares of one, times UTC.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from typing import TYPE_CHECKING

from warehouse.written import safe_cells

if TYPE_CHECKING:
    import polars as pl

Facts = Mapping[str, str]
# What a sheet and a cell of Excel hold at most; the head has one row.
MOST_ROWS = 1_048_575
MOST_CHARACTERS = 32_767


def csv_of(frame: pl.DataFrame, facts: Facts | None = None) -> bytes:
    """The frame as CSV; text that a spreadsheet would run as a formula is quoted."""
    lines = [f"# {name}: {_one_cell(text)}\n" for name, text in (facts or {}).items()]
    # Texts stand in quotes, so that none that begins with "#" is passed over.
    return ("".join(lines) + safe_cells(_flat(frame)).write_csv(quote_style="non_numeric")).encode()


def _one_cell(text: str) -> str:
    """The text without what any spreadsheet ends a cell at: a second cell might be a formula."""
    # The digits of a number stay together.
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    return re.sub(r"\s*[,;|\"\t\r\n]+\s*", " \u00b7 ", text)


def xlsx_of(frame: pl.DataFrame, facts: Facts | None = None) -> bytes:
    """The frame as XLSX: numbers, dates and times as such, text as text and never a formula."""
    import polars as pl
    import xlsxwriter

    file = BytesIO()
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
    with xlsxwriter.Workbook(file, {"in_memory": True, **plain}) as book:
        rows = _flat(frame).with_columns(pl.col(pl.String).str.slice(0, MOST_CHARACTERS))
        for name, part in _sheets(rows):
            part.write_excel(
                book,
                name,
                column_formats={each: "0.0%" for each in part.columns if _is_share(each)},
                dtype_formats={
                    pl.Date: "yyyy-mm-dd",
                    pl.Datetime: "yyyy-mm-dd hh:mm:ss",
                    pl.Float64: "0.0##",
                    pl.Int64: "0",
                },
                freeze_panes=(1, 0),
                autofit=part.height <= 10_000,
            )
        sheet = book.add_worksheet("About")
        sheet.set_column(0, 0, 22)
        sheet.set_column(1, 1, 90)
        for at, (name, text) in enumerate((facts or {}).items()):
            sheet.write_string(at, 0, name)
            sheet.write_string(at, 1, text[:MOST_CHARACTERS])
    return file.getvalue()


def parquet_of(frame: pl.DataFrame, facts: Facts | None = None) -> bytes:
    """The frame as Parquet, with its types and lists; what tells it stands in the file's notes."""
    file = BytesIO()
    frame.write_parquet(file, metadata=dict(facts or {}))
    return file.getvalue()


def _sheets(frame: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """The frame in as many sheets as it needs; at least one."""
    yield "Rows", frame.head(MOST_ROWS)
    for number, start in enumerate(range(MOST_ROWS, frame.height, MOST_ROWS), start=2):
        yield f"Rows {number}", frame.slice(start, MOST_ROWS)


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with each list as one text."""
    import polars as pl

    return frame.with_columns(pl.col(pl.List(pl.String)).list.join(" | "))


def _is_share(column: str) -> bool:
    return column == "share" or column.endswith(("_rate", "_rate_low", "_rate_high"))


WRITERS: Mapping[str, Callable[[pl.DataFrame, Facts | None], bytes]] = {
    "csv": csv_of,
    "xlsx": xlsx_of,
    "parquet": parquet_of,
}
