"""The cross-tab: one metric by two dimensions at once. Never computes a metric."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import breakdowns, format, measures, notebook, sections, tables
from pages.ui.ask import Question, answer, ask, question
from pages.ui.controls import chosen, pick
from pages.ui.frame import Page
from pages.ui.html_table import SMALL
from pages.ui.tables import Column
from pages.ui.theme import palette
from warehouse.dimensions import Dimension, dimension_named
from warehouse.metrics import breakdowns as metric

if TYPE_CHECKING:
    import polars as pl

ROWS, COLUMNS = 10, 6
# Of the file: any more columns are no table that somebody reads.
FILE_ROWS, FILE_COLUMNS = 1000, 100
SAYS = (
    "The values with the most sessions of both sides. Every cell is counted by itself, and so are "
    "Other and the totals: users, medians and rates of a total are no sums or means of cells."
)


def asked(page: Page, rows: Dimension, counts: Mapping[str, int]) -> Question:
    """What the section asks for, by what stands in the address."""
    offered, default = _offered(rows, counts)
    columns = chosen("across", offered, default)
    name = chosen("cell", measures.headlines(), "session_count")
    return question(metric.crosstab, page.filters, rows.name, columns, name, ROWS, COLUMNS)


def _offered(rows: Dimension, counts: Mapping[str, int]) -> tuple[dict[str, str], str]:
    """What the rows can be crossed with, in words, and with what they usually are."""
    every = breakdowns.dimensions()
    offered = {
        each.name: each.label for each in every if counts.get(each.name) and each.name != rows.name
    }
    return offered, "device_type" if "device_type" in offered else next(iter(offered))


def show(page: Page, rows: Dimension, counts: Mapping[str, int]) -> None:
    """The section, with the second dimension and the metric to choose."""
    offered, default = _offered(rows, counts)
    with st.container(horizontal=True, vertical_alignment="center", key="crosstab_controls"):
        across = pick("Second dimension", "across", offered, default)
        columns = dimension_named(across, breakdowns.dimensions())
        name = pick("Metric of the cells", "cell", measures.headlines(), "session_count")
    args = (page.filters, rows.name, columns.name, name)
    overlap = breakdowns.OVERLAP if rows.is_list or columns.is_list else ""
    sections.head(
        f"{measures.metric(name).label} by {rows.label.lower()} and {columns.label.lower()}",
        key="crosstab",
        page=page,
        metrics=(name,),
        query="breakdowns.crosstab",
        filters=page.filters,
        dimension=rows.name,
        crossed=columns.name,
        says=f"{SAYS} {overlap}",
        code=notebook.lines(metric.crosstab, *args, ROWS, COLUMNS),
        frame=lambda: ask(metric.crosstab, *args, FILE_ROWS, FILE_COLUMNS),
        file=sections.file_name(page, f"{rows.name}_by_{columns.name}"),
    )
    table, heads = crossed(answer(asked(page, rows, counts)))
    tables.show(
        table,
        {"value": Column(rows.label), **{key: _cell(name, head) for key, head in heads.items()}},
        key="table_crosstab",
        alt=f"{measures.metric(name).label} by {rows.label.lower()} and {columns.label.lower()}",
        rest="is_rest",
        mark=lambda row: palette().text if row["is_total"] else None,
        link=lambda row: breakdowns.only(page, rows, row),
    )
    st.caption(" ".join(filter(None, (overlap, f"Grey: n below {SMALL}."))))


def crossed(frame: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, str]]:
    """The cells side by side, each with its n; and what heads them, by the names of columns."""
    import polars as pl

    heads: dict[tuple[Any, ...], str] = {}
    lines: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in frame.iter_rows(named=True):
        column = row["column_value"], row["is_column_other"], row["is_row_total"]
        key = heads.setdefault(column, f"cell_{len(heads)}")
        side = row["row_value"], row["is_row_other"], row["is_column_total"]
        lines.setdefault(side, {})[key] = {"value": row["value"], "n": row["session_count"]}
    sides = [
        {"value": value, "is_other": is_other, "is_total": is_total, **cells}
        for (value, is_other, is_total), cells in lines.items()
    ]
    table = pl.DataFrame(sides, schema_overrides={"value": pl.String}, infer_schema_length=None)
    words = {
        key: "Total" if is_total else "Other" if is_other else value or "(not known)"
        for (value, is_other, is_total), key in heads.items()
    }
    return breakdowns.named(table), words


def _cell(name: str, head: str) -> Column:
    write = format.WRITERS[measures.metric(name).unit]
    return Column(
        head,
        write=lambda cell: write(cell["value"]),
        tone=lambda cell: "quiet" if cell["n"] < SMALL else "",
    )
