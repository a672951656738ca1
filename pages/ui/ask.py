"""The one way from a page to a number, and the only cache. Never computes one itself.

A page is of one build: that of its address, else the one that the visit holds since its first
page, until the reader takes a newer one. So no number changes without a word.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import streamlit as st

import warehouse
from etl.errors import BeyondLimit, ConfigError
from pages.ui import format, time_limit
from pages.ui.visitor import home, known_by, seen_by, told
from warehouse import DwellError, NoBuild, Warehouse

if TYPE_CHECKING:
    import polars as pl

    from warehouse.dimensions import Dimension

Metric = Callable[..., "pl.DataFrame"]
Made = TypeVar("Made")

log = logging.getLogger(__name__)
# Of the visit: home and number of the build that it holds, and of the build of this page; and what
# was asked ahead for the page.
_HELD, _SHOWN, _AHEAD = "held_build", "shown_build", "asked_ahead"
# Of what is made for a page when it is no longer drawn: the page's build.
_MADE_OF: ContextVar[int | None] = ContextVar("made_of", default=None)
# Planning a query takes one thread, and most of the time of a short one.
WORKERS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="ask")


class Question(NamedTuple):
    """A metric and what it is asked: the key of its answer."""

    name: str
    args: tuple[Any, ...]
    kwargs: tuple[tuple[str, Any], ...]
    metric: Metric


def question(metric: Metric, /, *args: Any, **kwargs: Any) -> Question:
    """What `ask` asks, to be asked ahead."""
    name = f"{metric.__module__}.{metric.__qualname__}"
    return Question(name, args, tuple(sorted(kwargs.items())), metric)


def ask(metric: Metric, /, *args: Any, **kwargs: Any) -> pl.DataFrame:
    """A metric's frame from the build of the page; a new build is a new key."""
    return answer(question(metric, *args, **kwargs))


def ask_once(metric: Metric, /, *args: Any, **kwargs: Any) -> pl.DataFrame:
    """The same for a file, which may be large: nothing of it is kept."""
    return metric(current_warehouse(), *args, **kwargs)


def bound(make: Callable[[], Made]) -> Callable[[], Made]:
    """The same, to be called when the page is no longer drawn: there it is of the build of this
    page, and for who looks now. NoLogin once that one's login has ended.
    """
    known, build = known_by(), _shown()

    def made() -> Made:
        token = _MADE_OF.set(build)
        try:
            with seen_by(known):
                return make()
        finally:
            _MADE_OF.reset(token)

    return made


def answer(asked: Question) -> pl.DataFrame:
    """The frame that answers a question, as `ask` gives it."""
    try:
        return _answer(home(), _shown(), *asked)
    except NoBuild:
        # Swept while it was read: the page is drawn of the current one.
        let_go()
        st.rerun()
    except BeyondLimit:
        st.warning(time_limit.told(current_warehouse()), icon=":material/info:")
        st.stop()
    except Exception as error:
        # A reader gets a sentence, whatever went wrong; the log has the rest.
        log.exception("%s failed", asked.name)
        st.error(format.plain(f"{asked.name} could not be answered: {first_line(error)}."))
        st.stop()


def answer_or_refusal(asked: Question) -> pl.DataFrame | str:
    """The same; or the sentence with which a metric refuses what this data cannot tell."""
    try:
        return _answer(home(), _shown(), *asked)
    except ConfigError as error:
        return str(error)
    except Exception:
        return answer(asked)


def ahead(*asked: Question) -> None:
    """Has questions answered while the page is drawn, in this order; the page asks them again.

    What goes wrong is told where it is asked for.
    """
    of_home, shown = home(), _shown()
    st.session_state.setdefault(_AHEAD, []).extend(
        WORKERS.submit(_have_answered, of_home, shown, each) for each in asked
    )


def _have_answered(home: str, shown: int, asked: Question) -> None:
    # The cache holds the answer; a visit must not hold it too.
    _answer(home, shown, *asked)


def _leave_what_was_asked() -> None:
    """Takes back what was asked for a page that is drawn no more, unless somebody is at it."""
    for future in st.session_state.pop(_AHEAD, ()):
        future.cancel()


@st.cache_data(max_entries=2000, show_spinner=False)
def _answer(
    home: str,
    build: int,
    name: str,
    args: tuple[Any, ...],
    kwargs: tuple[tuple[str, Any], ...],
    _metric: Metric,
) -> pl.DataFrame:
    with time_limit.once(home, build, name, args, kwargs):
        return _metric(_open(home, build), *args, **dict(kwargs))


# A few builds stay open: a visitor may still be reading the one before, and each scope of rows has
# builds of its own.
@st.cache_resource(max_entries=8, show_spinner=False)
def _open(home: str, build: int) -> Warehouse:
    try:
        return time_limit.limited(warehouse.open(home or None, build=build))
    except NoBuild:
        if build != warehouse.current_build(home or None):
            raise
        # The pointer names what is not there: this tells what to do about it.
        return time_limit.limited(warehouse.open(home or None))


def open_build(pinned: int | None, *, newest: bool) -> Warehouse:
    """The build of this page from now on: the pinned one, the newest, or the one that is held.

    DwellError when there is none to open; NoBuild when the pinned one is not kept.
    """
    _leave_what_was_asked()
    current = newest_build() if pinned is None else pinned
    of_home, held = st.session_state.get(_HELD, (None, current))
    if pinned is not None or newest or of_home != home():
        held = current
    try:
        wh = _opened(held)
    except NoBuild:
        if held == current:
            raise
        # What was held is swept: nothing but the current one is left to read.
        wh = _opened(current)
    if pinned is None and not newest:
        st.session_state[_HELD] = (home(), wh.build)
    st.session_state[_SHOWN] = (home(), wh.build)
    return wh


def let_go() -> None:
    """Lets the next page of the visit be of the newest build."""
    st.session_state.pop(_HELD, None)


def current_warehouse() -> Warehouse:
    """The build of the page, opened once per process. DwellError when there is none to open."""
    return _opened(_shown())


def _shown() -> int:
    if (build := _MADE_OF.get()) is not None:
        return build
    of_home, build = st.session_state.get(_SHOWN, (None, 0))
    return int(build) if of_home == home() else newest_build()


def _opened(build: int) -> Warehouse:
    try:
        return _open(home(), build)
    except DwellError:
        raise
    except Exception as error:
        log.exception("build %s cannot be opened", build)
        msg = (
            f"Build {build} cannot be opened: {first_line(error)}. "
            "Run 'dwell build --full' to make a new one from the lake."
        )
        raise DwellError(msg) from error


def own_dimensions() -> tuple[Dimension, ...]:
    """The dimensions that the dwell.toml of the build declares."""
    return current_warehouse().own_dimensions


def first_line(error: Exception) -> str:
    """What an error says in short, for a reader who cannot use the rest."""
    return (told(error) or type(error).__name__).splitlines()[0].rstrip(".")


def newest_build() -> int:
    """The number of the build that is current for who looks. NoBuild without one."""
    return warehouse.current_build(home() or None)
