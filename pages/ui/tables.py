"""Tables and their downloads: polars frame in, table out. Never computes a metric."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from pages.ui import format, html_table, measures
from pages.ui.theme import palette
from pages.ui.visitor import may_see_people
from warehouse.written import csv_of as csv_of

if TYPE_CHECKING:
    import polars as pl

    from pages.ui.ordering import Order

Width = Literal["small", "medium", "large"] | int | None

# Up to so many rows a table needs no scrolling, and no canvas.
FEW = 12
ROW_HEIGHT = 33
# Of the canvas, in pixels: a digit of the font, and what lies around the text of a cell.
CHARACTER = 7.6
CELL_PADDING = 18
# Of whom a row is: for analysts alone.
PEOPLE = frozenset({"user_id", "anonymous_id", "person_id", "session_id", "chat_id", "workflow_id"})


@dataclass(frozen=True)
class Column:
    """How one column is headed and written.

    `bar` draws a share of one as a bar, written in percent unless told otherwise; `wide` is shown
    only where the screen is. `wraps`: a sentence, which takes the room that is left on as many
    lines as it needs. `tone` says whether a value is good, bad or quiet; nothing where neither.
    `hint` gives the text that a pointer brings up, from the whole row; the value unless given.
    `under` gives a small second line, from the whole row; in tables that are HTML.
    """

    label: str
    write: Callable[[Any], str] | None = None
    help: str | None = None
    width: Width = None
    bar: bool = False
    wide: bool = False
    wraps: bool = False
    tone: Callable[[Any], str] | None = None
    hint: Callable[[dict[str, Any]], str] | None = None
    under: Callable[[dict[str, Any]], str] | None = None


COUNT: dict[str, Any] = {"write": format.count}
SPAN: dict[str, Any] = {"write": format.duration}


def metric_column(name: str, width: int | None = None, *, wide: bool = False) -> Column:
    """The column of a metric, headed and written as the registry says."""
    metric = measures.metric(name)
    return Column(
        metric.heading,
        write=format.WRITERS[metric.unit],
        help=metric.label if metric.short else None,
        width=width,
        wide=wide,
    )


def show(
    frame: pl.DataFrame,
    columns: Mapping[str, Column],
    *,
    key: str,
    alt: str,
    small: str | None = None,
    rest: str | None = None,
    mark: Callable[[dict[str, Any]], str | None] | None = None,
    link: Callable[[dict[str, Any]], str | None] | None = None,
    more: Callable[[dict[str, Any]], Mapping[tuple[str, str], str]] | None = None,
    order: Order | None = None,
    height: int = 640,
    as_html: bool = False,
) -> None:
    """A frame as a table with house formats.

    `small` names the column of n: rows under 100 are grey. `rest` names a column that is true
    for rows such as Other. `mark` may give a row's colour, `link` the address that a click on
    the row opens, `more` those of the signs at its name; `order` makes the heads links that order
    the list. Short tables, those with links and those that ask for it, as sentences need their
    lines, are HTML; long ones are sorted by the browser, by values and not by their text.
    Who may not see single people is shown none of their ids, and rows of theirs lead nowhere.
    """
    if not PEOPLE.isdisjoint(frame.columns) and not may_see_people():
        columns = {name: column for name, column in columns.items() if name not in PEOPLE}
        link = more = None
    if as_html or link or order or frame.height <= FEW:
        with st.container(key=key):
            st.html(
                html_table.table(
                    frame,
                    columns,
                    alt=alt,
                    small=small,
                    rest=rest,
                    mark=mark,
                    link=link,
                    more=more,
                    order=order,
                    height=height,
                )
            )
        return
    _canvas(frame, columns, key=key, alt=alt, small=small, mark=mark, height=height)


def _canvas(
    frame: pl.DataFrame,
    columns: Mapping[str, Column],
    *,
    key: str,
    alt: str,
    small: str | None,
    mark: Callable[[dict[str, Any]], str | None] | None,
    height: int,
) -> None:
    import polars as pl

    shown = frame.select(
        pl.col(name) * 100 if column.bar else pl.col(name) for name, column in columns.items()
    ).to_pandas()
    styler = shown.style.format(
        {
            name: _writer(column.write)
            for name, column in columns.items()
            if column.write and not column.bar
        }
    )
    row_colors = [_row_color(row, small, mark) for row in frame.iter_rows(named=True)]
    if any(row_colors):
        styler = styler.apply(
            lambda row: (
                [f"color: {row_colors[row.name]}" if row_colors[row.name] else ""] * len(row)
            ),
            axis=1,
        )
    st.dataframe(
        styler,
        hide_index=True,
        key=key,
        alt=alt,
        placeholder=format.NULL,
        row_height=ROW_HEIGHT,
        height=min(ROW_HEIGHT * (frame.height + 1) + 3, height),
        column_config={
            name: _config(column, frame[name].to_list()) for name, column in columns.items()
        },
    )


def _writer(write: Callable[[Any], str]) -> Callable[[Any], str]:
    # A missing number reaches the table as NaN.
    return lambda value: format.NULL if value is None or value != value else write(value)


def _row_color(
    row: dict[str, Any],
    small: str | None,
    mark: Callable[[dict[str, Any]], str | None] | None,
) -> str | None:
    color = mark(row) if mark else None
    if color is None and small and (row[small] or 0) < html_table.SMALL:
        return palette().quiet
    return color


def _config(column: Column, values: list[Any]) -> Any:
    if column.bar:
        return st.column_config.ProgressColumn(
            column.label,
            help=column.help,
            width=column.width,
            min_value=0,
            max_value=100.0,
            format="%.1f" if column.write else "%.1f %%",
        )
    return st.column_config.Column(column.label, help=column.help, width=_width(column, values))


def _width(column: Column, values: list[Any]) -> Width:
    """The width that was asked for, or more where a figure would lose its first digit."""
    if not isinstance(column.width, int) or any(isinstance(value, str) for value in values):
        return column.width
    longest = max((len(html_table.written(column, value)) for value in values), default=0)
    return max(column.width, round(longest * CHARACTER) + CELL_PADDING)
