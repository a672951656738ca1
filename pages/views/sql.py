"""SQL: an editor, what can be asked beside it, and the answer below. Never asks in this process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from etl.errors import did_you_mean
from pages.ui import (
    audit,
    charts,
    file_owners,
    format,
    header,
    sections,
    sql_chart,
    tables,
    visitor,
)
from pages.ui import sql_asked as asked
from pages.ui.ask import Question, ask, question
from pages.ui.controls import parameter, pick, switch
from pages.ui.empty import tell_empty
from pages.ui.frame import Page
from pages.views import sql_saved, sql_tables
from warehouse import DwellError
from warehouse.metrics import data, overview
from warehouse.own_sql import RELATIONS, examples

if TYPE_CHECKING:
    import polars as pl

    from warehouse import limited_sql

STYLE = Path(__file__).parents[1] / "ui" / "sql.css"
_SHOWN = "sql_shown"
_VIEWS = {"table": "Table", "chart": "Chart"}
_FILES: dict[limited_sql.Form, str] = {"csv": "CSV", "xlsx": "XLSX", "parquet": "Parquet"}


def asks(page: Page) -> tuple[Question, ...]:
    """What the page asks for beside the answer, in the order in which it is drawn."""
    return (question(overview.totals, page.filters), question(data.tables))


def show(page: Page) -> None:
    """Editor and tables side by side, then the answer to what is asked."""
    try:
        asked.limits()
    except DwellError as error:
        todo = "Nothing is asked without limits. Reload this page when that is mended."
        header.stop_with(visitor.told(error), todo)
    text = asked.asked_text()
    name = parameter("sql_saved")
    if name is not None and text is None:
        found, _ = asked.queries()
        known = did_you_mean(name, found) if found else "None is saved yet."
        header.tell_ignored([f"Saved query: '{name}'. {known}"])
    _follow(text)
    st.html(STYLE)
    if not ask(overview.totals, page.filters)["session_count"].item():
        tell_empty(page)
    left, right = st.columns([5, 3], gap="medium")
    with left:
        _editor()
        st.caption(_what_holds())
    with right:
        sql_tables.show(page)
    if text:
        _answer(page, text)
        if not asked.is_in_address(text):
            st.caption("Too long for a link: who opens this address sees no query. Save it.")


def _follow(text: str | None) -> None:
    """The editor holds what was asked last, until a reader changes it."""
    first = next(iter(examples().values()))
    if asked.EDITOR not in st.session_state or st.session_state.get(_SHOWN) != text:
        st.session_state[asked.EDITOR] = text or st.session_state.get(asked.EDITOR) or first
    st.session_state[_SHOWN] = text


def _editor() -> None:
    st.text_area(
        "Query",
        key=asked.EDITOR,
        height=260,
        label_visibility="collapsed",
        placeholder="select … from user_sessions",
    )
    with st.container(horizontal=True, vertical_alignment="center", key="sql_buttons"):
        st.button("Run", type="primary", key="sql_run", on_click=_run, shortcut="Ctrl+Enter")
        sql_saved.draw()


def _run() -> None:
    text = st.session_state[asked.EDITOR] or ""
    name = parameter("sql_saved")
    saved = asked.queries()[0].get(name) if name else None
    asked.ask_text(text, name if saved and saved.text == text else None)


def _what_holds() -> str:
    limits = asked.limits()
    names = ", ".join(RELATIONS)
    texts = (
        ""
        if asked.shows_texts()
        else "What people typed and were answered, and lines that were rejected, are left out "
        "(show_texts). "
    )
    return (
        f"{format.plain(names)} hold what the filters above take; all other tables are whole, bots "
        f"too. {texts}Queries only read. One ends after {limits.seconds:g} s or beyond "
        f"{limits.memory / 1e9:g} GB (query_timeout, query_memory); {asked.SHOWN:,} rows are shown."
    )


def _answer(page: Page, text: str) -> None:
    rows = asked.question(page, text)
    seconds = audit.timed()
    told = asked.answer(rows)
    if told is None:
        audit.note_answer(page, text, seconds(), came_to="cancelled")
        st.info("Cancelled. Run asks it again.")
        return
    if isinstance(told, DwellError):
        audit.note_answer(page, text, seconds(), came_to="refused")
        _tell(told)
        return
    frame = asked.frame_of(told)
    audit.note_answer(page, text, seconds(), rows=min(frame.height, asked.SHOWN))
    title = format.plural(frame.height, "row")
    if frame.height > asked.SHOWN:
        title, frame = f"The first {asked.SHOWN:,} rows", frame.head(asked.SHOWN)
    _head(page, title, rows)
    _file(page, rows)
    if frame.is_empty():
        st.caption("No rows. Columns: " + format.plain(", ".join(frame.columns)) + ".")
    elif parameter("sql_view") == "chart":
        _chart(frame)
    else:
        columns = {name: tables.Column(name, write=_written) for name in frame.columns}
        tables.show(_told(frame), columns, key="sql_rows", alt="Answer to the query", height=640)


def _head(page: Page, title: str, rows: limited_sql.Question) -> None:
    def extra() -> None:
        switch("Answer as", "sql_view", _VIEWS, "table")
        for form, label in _FILES.items():
            st.button(
                label,
                type="tertiary",
                key=f"sql_file_{form}",
                help=f"All rows as {label}, {asked.most_rows(form):,} at most; times in UTC",
                on_click=asked.want_file,
                args=(page, rows, form),
            )

    sections.head(title, key="sql", page=page, extra=extra)


def _file(page: Page, rows: limited_sql.Question) -> None:
    """A file of all rows, made in sight of the reader: never of those that are shown."""
    wanted = asked.wanted_file(rows)
    if wanted is None:
        return
    seconds = audit.timed()
    form, told = wanted.form, asked.answer(wanted)
    if told is None:
        st.info("Cancelled.")
    elif isinstance(told, DwellError):
        _tell(told)
    else:
        took = seconds()
        audit.note_answer(page, rows.text, took, file=f"query.{form}", bytes=len(told))
        mime, name = sections.FILES[form][1], f"query.{form}"
        file_owners.made_for(visitor.visitor(), told, mime, name)
        st.download_button(
            f"Save query.{form} ({len(told) / 1e6:,.1f} MB)",
            told,
            file_name=name,
            mime=mime,
            key="sql_save",
            icon=":material/download:",
            on_click="ignore",
        )


def _tell(error: DwellError) -> None:
    """What the engine says has lines that point into the query: they keep their places."""
    first, _, rest = visitor.told(error).partition("\n")
    st.error(format.plain(first))
    if rest.strip():
        st.code(rest.strip("\n"), language=None)


def _chart(frame: pl.DataFrame) -> None:
    axes = sql_chart.axes(frame)
    if axes is None:
        st.caption("Nothing to draw: a chart wants rows, and a column of numbers beside another.")
        return
    with st.container(horizontal=True, key="sql_axes"):
        across = pick("Across", "sql_x", _named(axes.across), axes.across[0])
        upwards = [name for name in axes.upwards if name != across] or axes.upwards
        shown = pick("Upwards", "sql_y", _named(upwards), upwards[0])
    st.plotly_chart(
        sql_chart.figure(frame, across, shown),
        key="chart_sql",
        theme=None,
        config=charts.CONFIG,
        alt=f"{shown} by {across}",
    )
    is_line = sql_chart.is_over_time(frame, across)
    if not is_line and frame.height > sql_chart.MOST_BARS:
        st.caption(f"Of bars, those of the first {sql_chart.MOST_BARS} rows.")


def _named(names: list[str]) -> dict[str, str]:
    return {name: name for name in names}


def _told(frame: pl.DataFrame) -> pl.DataFrame:
    """Days and times as ISO texts, which are ordered as they are."""
    import polars as pl
    import polars.selectors as cs

    return frame.with_columns(
        cs.date().dt.to_string("%Y-%m-%d"),
        cs.datetime().dt.to_string("%Y-%m-%d %H:%M:%S"),
        cs.boolean().replace_strict({True: "true", False: "false"}, return_dtype=pl.String),
    )


def _written(value: Any) -> str:
    """A cell as the answer has it."""
    if value is None or value != value:
        return format.NULL
    if isinstance(value, float):
        return f"{value:,.6g}" if abs(value) < 1e15 else f"{value:g}"
    return str(value)
