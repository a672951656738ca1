"""The one way from a page to a number, and the only cache. Never computes one itself."""

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

log = logging.getLogger(__name__)


def ask(metric: Callable[..., pl.DataFrame], *args: Any, **kwargs: Any) -> pl.DataFrame:
    """A metric's frame from the current build; a new build is a new key."""
    name = f"{metric.__module__}.{metric.__qualname__}"
    extra = tuple(sorted(kwargs.items()))
    try:
        return _answer(_home(), warehouse.current_build(), name, args, extra, metric)
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
        # Swept since its number was read: the newer one will do, or tells what is wrong.
        return warehouse.open()


def current_warehouse() -> Warehouse:
    """The current build, opened once per process. DwellError when there is none to open."""
    build = warehouse.current_build()
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


def first_line(error: Exception) -> str:
    """What an error says in short, for a reader who cannot use the rest."""
    return (str(error) or type(error).__name__).splitlines()[0].rstrip(".")


def _home() -> str:
    return os.environ.get("DWELL_HOME", "")
