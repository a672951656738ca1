"""The one way from a page to a number, and the only cache. Never computes one itself.

A page is of one build: that of its address, else the one that the visit holds since its first
page, until the reader takes a newer one. So no number changes without a word.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import streamlit as st

import warehouse
from pages.ui import format
from warehouse import DwellError, NoBuild, Warehouse

if TYPE_CHECKING:
    import polars as pl

    from warehouse.dimensions import Dimension

log = logging.getLogger(__name__)
# Of the visit: home and number of the build that it holds, and of the build of this page.
_HELD, _SHOWN = "held_build", "shown_build"


def ask(metric: Callable[..., pl.DataFrame], *args: Any, **kwargs: Any) -> pl.DataFrame:
    """A metric's frame from the build of the page; a new build is a new key."""
    name = f"{metric.__module__}.{metric.__qualname__}"
    extra = tuple(sorted(kwargs.items()))
    try:
        return _answer(_home(), _shown(), name, args, extra, metric)
    except NoBuild:
        # Swept while it was read: the page is drawn of the current one.
        let_go()
        st.rerun()
    except Exception as error:
        # A reader gets a sentence, whatever went wrong; the log has the rest.
        log.exception("%s failed", name)
        st.error(format.plain(f"{name} could not be answered: {first_line(error)}."))
        st.stop()


@st.cache_data(max_entries=2000, show_spinner=False)
def _answer(
    home: str,
    build: int,
    name: str,
    args: tuple[Any, ...],
    kwargs: tuple[tuple[str, Any], ...],
    _metric: Callable[..., pl.DataFrame],
) -> pl.DataFrame:
    return _metric(_open(home, build), *args, **dict(kwargs))


# A few builds stay open: a visitor may still be reading the one before.
@st.cache_resource(max_entries=3, show_spinner=False)
def _open(home: str, build: int) -> Warehouse:
    try:
        return warehouse.open(build=build)
    except NoBuild:
        if build != warehouse.current_build():
            raise
        # The pointer names what is not there: this tells what to do about it.
        return warehouse.open()


def open_build(pinned: int | None, *, newest: bool) -> Warehouse:
    """The build of this page from now on: the pinned one, the newest, or the one that is held.

    DwellError when there is none to open; NoBuild when the pinned one is not kept.
    """
    current = warehouse.current_build() if pinned is None else pinned
    home, held = st.session_state.get(_HELD, (None, current))
    if pinned is not None or newest or home != _home():
        held = current
    try:
        wh = _opened(held)
    except NoBuild:
        if held == current:
            raise
        # What was held is swept: nothing but the current one is left to read.
        wh = _opened(current)
    if pinned is None and not newest:
        st.session_state[_HELD] = (_home(), wh.build)
    st.session_state[_SHOWN] = (_home(), wh.build)
    return wh


def let_go() -> None:
    """Lets the next page of the visit be of the newest build."""
    st.session_state.pop(_HELD, None)


def current_warehouse() -> Warehouse:
    """The build of the page, opened once per process. DwellError when there is none to open."""
    return _opened(_shown())


def _shown() -> int:
    home, build = st.session_state.get(_SHOWN, (None, 0))
    return int(build) if home == _home() else warehouse.current_build()


def _opened(build: int) -> Warehouse:
    try:
        return _open(_home(), build)
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
    return (str(error) or type(error).__name__).splitlines()[0].rstrip(".")


def _home() -> str:
    return os.environ.get("DWELL_HOME", "")
