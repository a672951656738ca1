"""Files that were loaded last, how their fields changed, and what was read as what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import format, health_states, notebook, sections
from pages.ui.ask import Question, ask, question
from pages.ui.controls import chosen, switch
from pages.ui.frame import Page
from pages.ui.tables import COUNT, Column
from pages.ui.tables import show as show_table
from warehouse.metrics import health

if TYPE_CHECKING:
    import polars as pl

MOST = 15
KINDS = {
    "all": "All",
    "failed": "Failed",
    "changed": "Fields changed",
    "doubted": "Looks odd",
}
SAYS = (
    "Each file that was loaded, newest first, as this build knows it. *Fields changed*: its fields "
    "are not those of the source's file before. *Looks odd*: what the load found strange in its "
    "rows, such as one user with most of them."
)
SHAPES_SAYS = (
    "What the columns of times were read as, of all files of a source that are in the lake now, "
    "and which columns were taken for what where their names do not say it. A wrong one is mended "
    "by loading the file again with `--time-format` or `--map`: it takes the place of the old one."
)


def asks(page: Page) -> tuple[Question, ...]:
    """What the section asks for."""
    return (question(health.loads), question(health.time_shapes))


def show(page: Page) -> None:
    """The last loads, and the shapes of times."""
    _loads(page)
    _shapes(page)


def _loads(page: Page) -> None:
    every = ask(health.loads)
    kind = chosen("health_loads", KINDS, "all")
    frame = _of_kind(every, kind)
    sections.head(
        "Last loads",
        key="loads",
        page=page,
        query="health.loads",
        says=SAYS,
        code=notebook.lines(health.loads),
        frame=lambda: frame,
        file="dwell_loads",
        files=tuple(sections.FILES),
        extra=lambda: switch("Loads", "health_loads", KINDS, "all"),
    )
    if frame.is_empty():
        st.caption(
            {
                "all": "Nothing was loaded yet.",
                "failed": "No load failed, as far as this build knows.",
                "changed": "No file has other fields than the one before.",
                "doubted": "No file looks odd.",
            }[kind]
        )
        return
    rows = frame.head(MOST).with_columns(told=_told(frame.head(MOST)))
    show_table(
        rows,
        {
            "loaded_at": Column("When", write=page.clock),
            "file": Column(
                "File",
                write=health_states.short,
                under=lambda row: health_states.named(row["source"]),
            ),
            "status": Column("Status", tone=lambda status: "bad" if status == "failed" else ""),
            "rows_read": Column("Read", **COUNT, wide=True),
            "rows_loaded": Column("Loaded", **COUNT),
            "rows_duplicate": Column("Duplicate", **COUNT, wide=True),
            "rows_rejected": Column("Rejected", **COUNT, wide=True),
            **(
                {"told": Column("What was told of it", wraps=True, wide=True)}
                if rows["told"].drop_nulls().len()
                else {}
            ),
        },
        key="table_loads",
        alt="Files that were loaded last",
        as_html=True,
        height=700,
    )
    if frame.height > MOST:
        st.caption(f"The newest {MOST} of {format.count(frame.height)}; the files above have all.")


def _of_kind(frame: pl.DataFrame, kind: str) -> pl.DataFrame:
    import polars as pl

    holds = {
        "failed": pl.col("status") == "failed",
        "changed": pl.col("schema_changes").list.len() > 0,
        "doubted": pl.col("warnings").list.len() > 0,
    }
    return frame.filter(holds[kind]) if kind in holds else frame


def _told(frame: pl.DataFrame) -> pl.Series:
    import polars as pl

    texts = [
        " ".join(
            filter(
                None,
                (row["message"], *(row["schema_changes"] or []), *(row["warnings"] or [])),
            )
        )
        or None
        for row in frame.to_dicts()
    ]
    return pl.Series(texts, dtype=pl.String)


def _shapes(page: Page) -> None:
    import polars as pl

    frame = ask(health.time_shapes)
    if frame.is_empty():
        return
    sections.head(
        "Times and columns as they were read",
        key="shapes",
        page=page,
        says=SHAPES_SAYS,
        code=notebook.lines(health.time_shapes),
        frame=lambda: frame,
        file="dwell_time_shapes",
        files=tuple(sections.FILES),
    )
    rows = frame.with_columns(pl.col("times", "columns").list.join(", "))

    def some(value: Any) -> str:
        return str(value) or format.NULL

    show_table(
        rows,
        {
            "source": Column("Source"),
            "file_count": Column("Files", **COUNT),
            "times": Column("Times: column = shape", write=some, wraps=True),
            "columns": Column("Columns taken for a role", write=some, wraps=True),
        },
        key="table_shapes",
        alt="What the times and columns of each source were read as",
    )
