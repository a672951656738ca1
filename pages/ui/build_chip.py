"""What a page says of its build: that there is a newer one, or that the one asked for is gone."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

from pages.ui import filter_row as row
from pages.ui import format, header
from pages.ui.address import Choice
from pages.ui.ask import let_go, newest_build, open_build
from pages.ui.visitor import told
from warehouse import DwellError, NoBuild
from warehouse.segments import segments_or_problems

# Between two looks at the number of the current build, which is all that is read.
LOOK_SECONDS = 20


def draw(build: int, choice: Choice) -> None:
    """A quiet chip while another build than the page's is the current one; it leads there."""
    if choice.view.build is None:
        _watch(build)
        return
    current = _current()
    if current is not None and current != build:
        _show_current(f"Build {current} is the current one", choice)


@st.fragment(run_every=LOOK_SECONDS)
def _watch(build: int) -> None:
    current = _current()
    if current in (None, build):
        return
    if st.button(
        f"Build {current} is there. Reload",
        icon=":material/refresh:",
        type="tertiary",
        key="take_build",
        help=f"The numbers on this page are of build {build} until you do",
    ):
        let_go()
        st.rerun()


def stop_without(title: str, error: NoBuild) -> NoReturn:
    """Ends a page whose address names a build that is not kept, and offers the current one."""
    choice, ignored, current = _read_by_current()
    header.navigation(choice.looked_at(build=None))
    header.title_line(title)
    st.info(format.plain(told(error)), icon=":material/info:")
    header.tell_ignored(ignored)
    if current is not None:
        _show_current(f"Show build {current}, the current one", choice)
    st.stop()


def _read_by_current() -> tuple[Choice, list[str], int | None]:
    """The address as the current build reads it, what it ignores, and its number.

    The empty choice without a number when there is no build at all.
    """
    try:
        wh = open_build(None, newest=True)
    except DwellError:
        return Choice(), [], None
    return *row.current({}, segments_or_problems(wh.home, wh.dimensions)), wh.build


def _show_current(label: str, choice: Choice) -> None:
    st.button(
        label,
        type="tertiary",
        key="show_current",
        on_click=row.writer(choice),
        args=(choice.looked_at(build=None),),
    )


def _current() -> int | None:
    """The number of the current build; None when nobody can tell: the page goes on with its own."""
    try:
        return newest_build()
    except DwellError:
        return None
