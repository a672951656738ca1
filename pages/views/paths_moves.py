"""From page to page: how often one leads to another, wherever in the session. Never computes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import format, notebook, sections
from pages.ui.ask import Question, answer, current_warehouse, question
from pages.ui.controls import chosen, href, pick, switch
from pages.ui.frame import Page
from pages.ui.matrix import matrix
from pages.ui.paths_asked import KINDS
from warehouse.metrics import path_shape, paths

if TYPE_CHECKING:
    import polars as pl

TOPS = {str(number): f"Top {number}" for number in (5, 10, 15, 20)}
# Columns that are nobody's: large as they are, they would take the shade from all others.
_LAST = (path_shape.OTHER, "Exit")
SAYS = (
    "Every visit to a {noun}, by what came next in the session; repeats count once. Named are the "
    "{top} with the most visits, all others are Other. A cell is the share of the visits to its "
    "row that went on to its column, those to named ones the darker the larger; a row adds up to "
    "100 %."
)


def _asked(page: Page) -> Question:
    of, top = chosen("steps", KINDS, "page"), int(chosen("top", TOPS, "10"))
    return question(paths.transitions, page.filters, of, top)


def asks(page: Page) -> tuple[Question, ...]:
    """What the tab shows."""
    return (_asked(page),)


def show(page: Page) -> None:
    """The matrix; a row leads to the paths from there."""
    with st.container(horizontal=True, vertical_alignment="center", key="moves_controls"):
        of = switch("From and to", "steps", KINDS, "page")
        top = int(pick("Named", "top", TOPS, "10"))
    noun = "page" if of == "page" else "type of event"
    frame = answer(_asked(page))
    sections.head(
        f"What comes after a {noun}",
        key="moves",
        page=page,
        query="paths.transitions",
        filters=page.filters,
        says=SAYS.format(noun=noun, top=top),
        code=notebook.lines(paths.transitions, page.filters, of, top),
        parts=path_shape.sql_parts(current_warehouse(), of=of),
        frame=lambda: frame,
        file=sections.file_name(page, "transitions"),
    )
    if frame.is_empty():
        st.info("No session of these filters has a page view: there is nothing to go on from.")
        return
    rows, columns, cells = crossed(frame)
    st.markdown(found(frame))
    st.html(
        matrix(
            rows,
            columns,
            cells,
            corner="From",
            alt=f"Share of the visits to a {noun} that went on to another",
            link=lambda row: None if row == path_shape.OTHER else _paths_from(row),
        )
    )
    st.caption("A row opens the paths from there, and their sessions.")


def _paths_from(node: str) -> str:
    return href(view=None, top=None, start=node)


def crossed(
    frame: pl.DataFrame,
) -> tuple[list[str], list[str], dict[tuple[str, str], tuple[str, float, str]]]:
    """Rows and columns in their order, Other and Exit last, and the cells that are there."""
    rows = frame["node"].unique(maintain_order=True).to_list()
    seen = set(frame["next_node"].to_list())
    columns = [*(name for name in rows if name in seen and name != path_shape.OTHER)]
    columns += [name for name in _LAST if name in seen]
    cells = {
        (row["node"], row["next_node"]): (
            format.share(row["share"]),
            0 if row["next_node"] in _LAST else row["share"],
            f"{row['node']} \u2192 {row['next_node']}: {format.count(row['transition_count'])}",
        )
        for row in frame.iter_rows(named=True)
    }
    return rows, columns, cells


def found(frame: pl.DataFrame) -> str:
    """Where most of one node's visits go, and where most sessions end."""
    rows = [row for row in frame.iter_rows(named=True) if row["node"] != path_shape.OTHER]
    ends = [row for row in rows if row["next_node"] == "Exit"]
    ways = [row for row in rows if row["next_node"] not in ("Exit", path_shape.OTHER)]
    sentences = []
    if ways:
        most: dict[str, Any] = max(ways, key=lambda row: row["transition_count"])
        sentences.append(
            f"The most usual way is from {format.plain(most['node'])} to "
            f"{format.plain(most['next_node'])}: {format.count(most['transition_count'])} times, "
            f"{format.share(most['share'])} of what leaves {format.plain(most['node'])}."
        )
    if ends:
        most = max(ends, key=lambda row: row["transition_count"])
        sentences.append(
            f"Most sessions end at {format.plain(most['node'])}: "
            f"{format.count(most['transition_count'])}, which is {format.share(most['share'])} of "
            "its visits."
        )
    return " ".join(sentences)
