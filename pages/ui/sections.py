"""The head of a section: its name, how its numbers are counted, and its download."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import audit, exports, file_owners, format
from pages.ui.ask import ask, bound, current_warehouse
from pages.ui.frame import Page
from pages.ui.visitor import may_export, visitor
from warehouse import frame_files
from warehouse.dimensions import Dimension
from warehouse.filters import Filters
from warehouse.metrics import data
from warehouse.query import condition_values, sql_of

if TYPE_CHECKING:
    import polars as pl

# How a frame is made a file, and what browsers call such a file.
FILES = {
    "csv": (frame_files.csv_of, "text/csv"),
    "xlsx": (
        frame_files.xlsx_of,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    "parquet": (frame_files.parquet_of, "application/vnd.apache.parquet"),
}
USUAL_FILES = ("csv", "xlsx")


def head(
    title: str,
    *,
    key: str,
    page: Page | None = None,
    metrics: Sequence[str] = (),
    query: str = "",
    filters: Filters | None = None,
    dimension: str | Dimension | None = None,
    crossed: str | Dimension | None = None,
    says: str = "",
    code: str = "",
    parts: Mapping[str, Any] | None = None,
    frame: Callable[[], pl.DataFrame] | None = None,
    file: str | None = None,
    files: Sequence[str] = USUAL_FILES,
    extra: Callable[[], object] | None = None,
) -> None:
    """A section's title, with "How is this counted?" and the download at its right.

    `says` tells how it is counted where no metric of the registry does, or not all of it; `code`
    asks the same in a notebook.
    `filters`, `dimension` and `crossed` are what the query is asked with; `parts` what else its
    text is put together of.
    """
    with st.container(
        key=f"head_{key}",
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
    ):
        st.subheader(title, anchor=False, width="content")
        with st.container(
            horizontal=True,
            width="content",
            gap="small",
            vertical_alignment="center",
            key=f"tools_{key}",
        ):
            if extra:
                extra()
            if metrics or says:
                how(
                    metrics,
                    query,
                    filters,
                    dimension,
                    crossed,
                    key=key,
                    says=says,
                    code=code,
                    parts=parts,
                )
            if frame and file and may_export():
                facts = exports.about(page, title) if page else {}
                download(file, frame, facts, key=key, page=page, files=files)


def download(
    name: str,
    frame: Callable[[], pl.DataFrame],
    facts: frame_files.Facts,
    *,
    key: str,
    page: Page | None = None,
    files: Sequence[str] = USUAL_FILES,
) -> None:
    """Buttons that save a frame as a file, which is made when it is asked for."""
    who = visitor()
    for kind in files:
        make, mime = FILES[kind]
        label = "Parquet" if kind == "parquet" else kind.upper()
        file = f"{name}.{kind}"
        owned = partial(file_owners.made_for, who, mime=mime, name=file)
        st.download_button(
            label,
            partial(_made, make, bound(frame), facts, audit.on_export(page, file), owned),
            file_name=file,
            mime=mime,
            key=f"{kind}_{key}",
            icon=":material/download:" if kind == "csv" else None,
            type="tertiary",
            on_click="ignore",
            help=f"All rows of this section as {label}; times in UTC",
        )


def _made(
    make: Callable[[pl.DataFrame, frame_files.Facts], bytes],
    frame: Callable[[], pl.DataFrame],
    facts: frame_files.Facts,
    note: Callable[[int, float], None],
    owned: Callable[[bytes], None],
) -> bytes:
    seconds = audit.timed()
    rows = frame()
    made = make(rows, facts)
    # What could not be noted is not handed out.
    note(rows.height, seconds())
    owned(made)
    return made


def how(
    names: Sequence[str],
    query: str,
    filters: Filters | None = None,
    dimension: str | Dimension | None = None,
    crossed: str | Dimension | None = None,
    *,
    key: str,
    says: str = "",
    code: str = "",
    parts: Mapping[str, Any] | None = None,
) -> None:
    """What is said of a section, definitions of metrics, the SQL as it runs, and as a notebook."""
    import polars as pl

    with st.popover(
        "How is this counted?", type="tertiary", icon=":material/info:", key=f"how_{key}"
    ):
        rows = ask(data.definitions).filter(pl.col("name").is_in(list(names))).iter_rows(named=True)
        told = [f"**{row['label']}.** {row['definition']}" for row in rows]
        if says or told:
            # Each element is a message to the browser, at each click.
            st.markdown("\n\n".join(filter(None, (says, *told))))
        if code:
            st.caption("In a notebook")
            st.code(code, language="python")
        if not query:
            return
        wh = current_warehouse()
        known = {each.name: each for each in wh.dimensions}
        by, across = (
            known[each] if isinstance(each, str) else each for each in (dimension, crossed)
        )
        st.caption(f"SQL of `{query}`{_bound(filters)}")
        st.code(sql_of(query, filters, by, across, wh, **parts or {}), language="sql")


def _bound(filters: Filters | None) -> str:
    """The values that the conditions bind in the SQL: , with $browser_is = ['Firefox']."""
    values = condition_values(filters, current_warehouse().dimensions) if filters else {}
    shown = [f"`${name}` = {format.plain(str(value))}" for name, value in values.items()]
    return f", with {', '.join(shown)}" if shown else ""


def definition(name: str) -> str | None:
    """What a metric counts in this build, for the "i" beside its number; None when unknown."""
    rows = ask(data.definitions).select("name", "definition").iter_rows()
    return dict(rows).get(name)


def file_name(page: Page, what: str) -> str:
    """Name of a download, with its days: dwell_entry_pages_2026-10-01_2026-10-30."""
    days = f"_{page.filters.start}_{page.filters.end}" if page.filters.start else ""
    return f"dwell_{what}{days}"
