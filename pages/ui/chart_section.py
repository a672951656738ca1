"""A section that shows one frame as a chart, and on demand as a table. Never computes a metric."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import charts, drill_chart, sections, tables
from pages.ui.controls import switched
from pages.ui.frame import Page
from warehouse.dimensions import Dimension
from warehouse.filters import Filters

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import polars as pl


def draw(
    page: Page,
    title: str,
    frame: pl.DataFrame,
    chart: Callable[[], go.Figure | str],
    columns: Mapping[str, tables.Column],
    *,
    key: str,
    query: str,
    says: str,
    code: str,
    alt: str,
    metrics: tuple[str, ...] = (),
    lead: str = "",
    note: str = "",
    small: str | None = None,
    control: Callable[[], object] | None = None,
    saved: pl.DataFrame | None = None,
    parts: drill_chart.Parts | None = None,
    sql_parts: Mapping[str, Any] | None = None,
    filters: Filters | None = None,
    dimension: str | Dimension | None = None,
    files: Sequence[str] = sections.USUAL_FILES,
    empty: str = "No session here has a length: all of them are suspect.",
) -> None:
    """Head, lead, chart, note, and the table of the same rows when a reader switches it on.

    The chart is a figure, or HTML that names itself to those who hear it.
    Without rows there is a sentence in place of the chart, `empty`. `parts` of it can be looked
    into; `saved` is what the files hold where the table says it in words; of `sql_parts` the text
    of the query is put together; `filters`, those of the page unless given, and `dimension` are
    what it is asked with.
    """
    with_table = [False]

    def extra() -> None:
        if control:
            control()
        with_table[0] = switched("Table", f"table_{key}")

    sections.head(
        title,
        key=key,
        page=page,
        metrics=metrics,
        query=query,
        filters=filters or page.filters,
        dimension=dimension,
        says=says,
        code=code,
        parts=sql_parts,
        frame=lambda: frame if saved is None else saved,
        file=sections.file_name(page, key),
        files=files,
        extra=extra,
    )
    if frame.is_empty():
        st.caption(empty)
        return
    if lead:
        st.markdown(lead)
    drawn = chart()
    if isinstance(drawn, str):
        st.html(drawn)
    elif parts:
        drill_chart.draw(drawn, parts, key=f"chart_{key}", alt=alt)
    else:
        st.plotly_chart(drawn, key=f"chart_{key}", theme=None, config=charts.CONFIG, alt=alt)
    if note:
        st.caption(note)
    if with_table[0]:
        tables.show(frame, columns, key=f"table_{key}", alt=title, small=small, height=400)
