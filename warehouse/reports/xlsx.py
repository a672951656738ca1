"""A report as a workbook: all rows of its tables, as numbers and days. Computes nothing."""

from __future__ import annotations

from warehouse.reports.shapes import Report, Table
from warehouse.xlsx_file import Sheet, workbook_of


def xlsx_of(report: Report) -> bytes:
    """The whole file; the columns are called as the metrics call them."""
    told = {"Report": f"{report.title}, {report.days}", "In a sentence": report.lead}
    doubts = {f"Not to be trusted {at}": text for at, text in enumerate(report.doubts, start=1)}
    link = {"Open it": report.link} if report.link else {}
    note = {"Left out": report.note} if report.note else {}
    facts = told | dict(report.facts) | note | doubts | link
    return workbook_of(map(_sheet, report.sheets), facts)


def _sheet(table: Table) -> Sheet:
    import polars as pl

    # A cell holds one text.
    frame = table.all_rows.with_columns(pl.col(pl.List(pl.String)).list.join(" | "))
    # A sheet whose rows have units of their own says them in a column.
    units = frame["unit"].to_list() if "unit" in frame.columns and "value" in frame.columns else []
    return Sheet(table.name, frame, units)
