"""What a reader asks in SQL, and the one way to its answer. Never asks in this process."""

from __future__ import annotations

import time
from collections import OrderedDict
from io import BytesIO
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import exports
from pages.ui.ask import current_warehouse
from pages.ui.controls import go, parameter
from pages.ui.frame import Page
from warehouse import DwellError
from warehouse.limited_sql import Form, Limits, Question, Running, limits_of
from warehouse.saved_queries import SavedQuery, read_queries
from warehouse.typed_texts import may_be_shown

if TYPE_CHECKING:
    import polars as pl
    from streamlit.delta_generator import DeltaGenerator

# Rows that are shown, and that a file has at most; XLSX takes long to write.
SHOWN, IN_FILE, IN_XLSX = 1_000, 1_000_000, 100_000
_SHOWN_BYTES, _FILE_BYTES = 10_000_000, 100_000_000
# A longer address is cut by programs that pass it on: such a text is of this visit alone.
LONGEST_IN_ADDRESS = 4_000
# Of this process: so many queries are answered at once, all others wait for their turn.
_TURNS = BoundedSemaphore(2)
_SECONDS = 0.2
# The texts of the editor, and of the last query where the address does not hold it; the file that
# is wanted, and what a reader cancelled.
EDITOR, _LONG, _FILE, _CANCELLED = "sql_editor", "sql_long", "sql_file", "sql_cancelled"
_OF_ANSWER = ("sql_view", "sql_x", "sql_y")


class _Answers:
    """The last answers, by their questions: a page is drawn again at every click."""

    def __init__(self, most_bytes: int, most: int):
        self._most_bytes = most_bytes
        self._most = most
        self._bytes = 0
        self._kept: OrderedDict[Question, bytes | DwellError] = OrderedDict()
        self._lock = Lock()

    def get(self, question: Question) -> bytes | DwellError | None:
        """The answer, or the error that was met; None when it was not asked, or long ago."""
        with self._lock:
            if question in self._kept:
                self._kept.move_to_end(question)
            return self._kept.get(question)

    def keep(self, question: Question, answer: bytes | DwellError) -> None:
        """Keeps it, and lets the oldest go where they are too many, or take too much."""
        with self._lock:
            self._drop(question)
            self._kept[question] = answer
            self._bytes += _size(question, answer)
            while len(self._kept) > 1 and (
                self._bytes > self._most_bytes or len(self._kept) > self._most
            ):
                self._drop(next(iter(self._kept)))

    def drop_errors(self) -> None:
        """Forgets what failed: it may do better now."""
        with self._lock:
            for question in [q for q, kept in self._kept.items() if isinstance(kept, DwellError)]:
                self._drop(question)

    def _drop(self, question: Question) -> None:
        if question in self._kept:
            self._bytes -= _size(question, self._kept.pop(question))


def _size(question: Question, answer: bytes | DwellError) -> int:
    """Of both: a question is as long as its text and the conditions of an address."""
    return len(repr(question)) + len(str(answer) if isinstance(answer, DwellError) else answer)


_ANSWERS = _Answers(200_000_000, most=200)


def queries() -> tuple[dict[str, SavedQuery], list[str]]:
    """The saved queries of the home, and what of them cannot be read."""
    return read_queries(current_warehouse().home)


def asked_text() -> str | None:
    """The text of the query that the address, or this visit, asks; None when there is none."""
    name = parameter("sql_saved")
    if name is not None:
        found = queries()[0].get(name)
        return found.text if found else None
    return parameter("q") or st.session_state.get(_LONG)


def is_in_address(text: str) -> bool:
    """Whether who opens the address of the page sees this query."""
    return parameter("sql_saved") is not None or len(text.encode()) <= LONGEST_IN_ADDRESS


def ask_text(text: str, saved: str | None = None) -> None:
    """Has a text asked from now on, under its name where it is saved."""
    is_long = len(text.encode()) > LONGEST_IN_ADDRESS
    st.session_state[EDITOR] = text
    st.session_state[_LONG] = text if is_long and saved is None else None
    for key in (_FILE, _CANCELLED):
        st.session_state.pop(key, None)
    _ANSWERS.drop_errors()
    in_address = None if is_long or saved else text.strip() or None
    go(q=in_address, sql_saved=saved, **dict.fromkeys(_OF_ANSWER))


def limits() -> Limits:
    """What a query may take, as the settings of the home say."""
    return limits_of(current_warehouse().home)


def shows_texts() -> bool:
    """Whether answers may hold what people typed and were answered."""
    return may_be_shown(current_warehouse().home)


def most_rows(form: Form) -> int:
    """So many rows are shown, or stand in a file."""
    return SHOWN if form == "arrow" else IN_XLSX if form == "xlsx" else IN_FILE


def question(page: Page, text: str, form: Form = "arrow") -> Question:
    """What is asked of the build of the page: rows to show, or a file of all."""
    is_file = form != "arrow"
    return Question(
        current_warehouse().home,
        page.build,
        text,
        limits(),
        page.filters,
        most_rows=most_rows(form),
        most_bytes=_FILE_BYTES if is_file else _SHOWN_BYTES,
        refuses=is_file,
        form=form,
        facts=tuple(exports.about_query(page, text).items()) if is_file else (),
        is_flat=form != "parquet",
        shows_texts=shows_texts(),
    )


def answer(asked: Question) -> bytes | DwellError | None:
    """The answer, waited for in sight of the reader; None when it was cancelled.

    Whatever makes the page be drawn anew, or not at all any more, ends the query.
    """
    known = _ANSWERS.get(asked)
    if known is not None:
        return known
    if st.session_state.get(_CANCELLED) == (asked.text, asked.form):
        return None
    place = st.empty()
    try:
        told: bytes | DwellError = _waited_for(asked, place)
    except DwellError as error:
        # What it passed through would be kept with it.
        told = error.with_traceback(None)
        told.__context__ = None
    place.empty()
    _ANSWERS.keep(asked, told)
    return told


def _waited_for(asked: Question, place: DeltaGenerator) -> bytes:
    with (
        place.container(horizontal=True, vertical_alignment="center", key="sql_running"),
        Running(asked, _TURNS) as running,
    ):
        clock = st.empty()
        st.button(
            "Cancel",
            key="sql_cancel",
            icon=":material/close:",
            on_click=_on_cancel,
            args=(asked.text, asked.form),
        )
        begun = time.monotonic()
        while not running.is_done(_SECONDS):
            # To write something is also how a script learns that nobody waits for it.
            clock.caption(_waiting(running, time.monotonic() - begun, asked.limits))
        return running.answer()


def _waiting(running: Running, seconds: float, limits: Limits) -> str:
    if running.waits:
        return f"Waiting for {seconds:.0f} s: two other queries are being answered."
    return f"Running for {seconds:.0f} s; it ends after {limits.seconds:g} s."


def _on_cancel(text: str, form: Form) -> None:
    st.session_state[_CANCELLED] = (text, form)
    st.session_state.pop(_FILE, None)


def wanted_file(rows: Question) -> Question | None:
    """The file that the reader wants made of all rows of these."""
    of, wanted = st.session_state.get(_FILE, (None, None))
    return wanted if of == rows else None


def want_file(page: Page, rows: Question, form: Form) -> None:
    """Has a file made of all rows. Other filters are another question: no file is made anew."""
    st.session_state[_FILE] = (rows, question(page, rows.text, form))
    st.session_state.pop(_CANCELLED, None)


def frame_of(said: bytes) -> pl.DataFrame:
    """The rows of an answer, numbers as such and what no table has a type for as text."""
    import polars as pl
    import polars.selectors as cs

    return pl.read_ipc_stream(BytesIO(said)).with_columns(
        cs.decimal().cast(pl.Float64),
        cs.time().cast(pl.String),
        cs.categorical().cast(pl.String),
        cs.by_dtype(pl.List(pl.String)).list.join(" | "),
        cs.by_dtype(pl.Null).cast(pl.String),
    )
