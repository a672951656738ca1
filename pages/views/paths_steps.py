"""Step by step: the way of sessions as a table and as bands, and the sessions of one step.

Never computes a metric.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import drill, format, notebook, sections, tables
from pages.ui.ask import Question, answer, ask, current_warehouse, question
from pages.ui.controls import go, href, parameter, pick, switch
from pages.ui.frame import Page
from pages.ui.paths_asked import DEPTHS, KINDS, LEAST, TOPS, WAYS, Asked, asked, named
from pages.ui.sankey import sankey
from pages.ui.tables import COUNT, Column
from pages.ui.theme import palette
from pages.ui.visitor import may_see_people
from pages.views.session_columns import short_clock
from warehouse import DwellError
from warehouse.metrics import path_shape, paths

if TYPE_CHECKING:
    import polars as pl

# How many are offered as starts, and sessions listed.
_PAGES, _TYPES, _SESSIONS = 40, 40, 50
_OWN = ("step", "node", "next")
SAYS = (
    "Sessions of the filters, each by the {nodes} it went through in order; one that is repeated "
    "counts once. At each step the {top} with the most sessions are named{least}; all others are "
    "Other, which goes on. So nothing is lost: what leaves a node is what came to it, and step 1 "
    "holds all sessions that have {start}. The bands are the rows of the table."
)


def asks(page: Page) -> tuple[Question, ...]:
    """The steps, and what they can start from."""
    steps = (_steps(page, asked()),) if _is_readable(asked()) else ()
    return (*steps, *_starts(page))


def show(page: Page) -> None:
    """The controls, the table and the bands of one frame, and the sessions of the chosen row."""
    what = _controls(page)
    frame = answer(_steps(page, what))
    sections.head(
        _title(what),
        key="paths",
        page=page,
        query="paths.steps",
        filters=page.filters,
        says=SAYS.format(
            nodes=what.nodes,
            top=what.top,
            least=f" that {what.minimum_users} users reach" if what.minimum_users > 1 else "",
            start=what.start or f"any {what.nodes}",
        ),
        code=notebook.lines(paths.steps, page.filters, *what),
        parts=_parts(what),
        frame=lambda: frame,
        file=sections.file_name(page, "paths"),
    )
    if frame.is_empty():
        _explain(what)
        return
    st.markdown(found(frame, what))
    row = _chosen_row(frame)
    left, right = st.columns([5, 7], gap="medium")
    with left:
        _table(frame, what, row)
    with right:
        st.html(
            sankey(
                frame.to_dicts(),
                alt=f"{_title(what)}, as bands from step to step: the rows of the table",
                link=_link,
                heads=lambda step: _head(what, step),
                arrow="\u2192" if what.direction == "forward" else "\u2190",
                chosen=row,
                named=lambda node: named(node, what),
            )
        )
    if row:
        _sessions(page, what, row)
    else:
        st.caption("A row or a band opens its sessions.")


def _steps(page: Page, what: Asked) -> Question:
    return question(paths.steps, page.filters, *what)


def _starts(page: Page) -> tuple[Question, ...]:
    return (
        question(paths.starts, page.filters, "page", _PAGES),
        question(paths.starts, page.filters, "event_type", _TYPES),
    )


def _parts(what: Asked) -> dict[str, Any]:
    return path_shape.sql_parts(current_warehouse(), *what)


def _is_readable(what: Asked) -> bool:
    """Whether the address names a start that paths can begin at."""
    try:
        path_shape.shape(current_warehouse(), *what)
    except DwellError:
        return False
    return True


def _controls(page: Page) -> Asked:
    what = asked()
    starts = {"": f"{'Start' if what.direction == 'forward' else 'End'} of the session"}
    for each in _starts(page):
        starts |= {node: node for node in answer(each)["node"].to_list()}
    if what.start and what.start not in starts and _is_readable(what):
        starts[what.start] = what.start
    with st.container(horizontal=True, vertical_alignment="center", key="paths_controls"):
        switch("Steps are", "steps", KINDS, "page")
        switch("Direction", "way", WAYS, "forward")
        start = pick("From" if what.direction == "forward" else "To", "start", starts, "")
        pick("Depth", "depth", DEPTHS, "4")
        pick("Named at each step", "top", TOPS, "5")
        pick("Minimum of users", "least", LEAST, "1")
    return what._replace(start=start or None)


def _title(what: Asked) -> str:
    noun = "Pages" if what.of == "page" else "Event types"
    if what.direction == "forward":
        return f"{noun} from {what.start or 'the start of the session'}"
    return f"{noun} before {what.start or 'the end of the session'}"


def _head(what: Asked, step: int) -> str:
    if what.direction == "forward":
        return f"Step {step}"
    return "Last" if step == 1 else f"{step - 1} before"


def found(frame: pl.DataFrame, what: Asked) -> str:
    """What the first step says, in a sentence or two."""
    first = [row for row in frame.iter_rows(named=True) if row["step_number"] == 1]
    total = sum(row["session_count"] for row in first)
    ended = sum(row["session_count"] for row in first if row["next_node"] == "Exit")
    has = what.start or ("a page view" if what.of == "page" else "an event")
    verb = "has" if total == 1 else "have"
    is_forward = what.direction == "forward"
    word = "go no further" if is_forward else "had nothing before it"
    sentence = (
        f"{format.plural(total, 'session')} {verb} {format.plain(has)}; "
        f"{format.share(ended / total)} of them {word}."
    )
    ways = [row for row in first if not {row["node"], row["next_node"]} & set(_NO_NODES)]
    if not ways:
        return sentence
    most = ways[0]
    here, there = format.plain(most["node"]), format.plain(most["next_node"])
    count = format.count(most["session_count"])
    way = f"from {here} to {there}" if is_forward else f"from {there} to {here}"
    return f"{sentence} The most usual {'first' if is_forward else 'last'} way is {way} ({count})."


_NO_NODES = ("Other", "Exit")


def _table(frame: pl.DataFrame, what: Asked, row: dict[str, Any] | None) -> None:
    import polars as pl

    of_step = pl.col("session_count") / pl.col("session_count").sum().over("step_number", "node")
    is_forward = what.direction == "forward"
    tables.show(
        frame.with_columns(share=of_step),
        {
            "step_number": Column("Step" if is_forward else "Back"),
            "node": Column("From" if is_forward else "At"),
            "next_node": Column(
                "To" if is_forward else "Came from", write=lambda node: named(node, what)
            ),
            "session_count": Column("Sessions", **COUNT),
            "share": Column(
                "Share", write=format.share, help="Of the sessions that are at this node"
            ),
        },
        key="table_paths",
        alt=f"{_title(what)}: sessions by step",
        mark=lambda each: palette().series[1] if row and _is(each, row) else None,
        link=_link,
        height=430,
    )


def _is(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(one[name] == other[name] for name in ("step_number", "node", "next_node"))


def _link(row: dict[str, Any]) -> str:
    return href(step=str(row["step_number"]), node=row["node"], next=row["next_node"])


def _chosen_row(frame: pl.DataFrame) -> dict[str, Any] | None:
    """The row that the address names; none when the paths do not have it (any more)."""
    step, node, next_node = (parameter(name) for name in _OWN)
    for row in frame.iter_rows(named=True):
        if (str(row["step_number"]), row["node"], row["next_node"]) == (step, node, next_node):
            return row
    return None


def _sessions(page: Page, what: Asked, row: dict[str, Any]) -> None:
    """The newest sessions of one row."""
    args = (page.filters, row["step_number"], row["node"], row["next_node"], *what)
    frame = ask(paths.sessions, *args, limit=_SESSIONS)
    arrow = "\u2192" if what.direction == "forward" else "\u2190"
    count = row["session_count"]
    sections.head(
        f"{format.plural(count, 'session')}: {row['node']} {arrow} "
        f"{named(row['next_node'], what)}, "
        f"{_head(what, row['step_number']).lower()}",
        key="path_sessions",
        page=page,
        query="paths.sessions",
        filters=page.filters,
        says="The sessions behind one row of the paths, newest first.",
        code=notebook.lines(paths.sessions, *args),
        parts=_parts(what),
        frame=lambda: _written(ask(paths.sessions, *args, limit=None), arrow),
        file=sections.file_name(page, "path_sessions"),
    )
    tables.show(
        _written(frame, arrow),
        {
            "start_time": Column("Start", write=lambda moment: short_clock(page, moment)),
            "user_id": Column("User"),
            "path": Column("Path", wraps=True),
        },
        key="table_path_sessions",
        alt="Sessions of one step, with their paths",
        link=lambda each: drill.session_address(page.choice, each),
        height=430,
    )
    more = f"The newest {_SESSIONS} of them; the file has all. " if count > _SESSIONS else ""
    st.caption(f"{more}{'A row opens its session.' if may_see_people() else ''}")
    st.button("Close the list", on_click=go, kwargs=dict.fromkeys(_OWN), type="tertiary")


def _written(frame: pl.DataFrame, arrow: str) -> pl.DataFrame:
    import polars as pl

    return frame.with_columns(pl.col("path").list.join(f" {arrow} "))


def _explain(what: Asked) -> None:
    """Why there are no steps, and the way out."""
    if what.start:
        st.info(f"No session of these filters has {format.plain(what.start)}.")
        st.button("Begin where the sessions do", on_click=go, kwargs={"start": None})
        return
    st.info("No session of these filters has a page view. Events have types all the same.")
    st.button("Show types of events", on_click=go, kwargs={"steps": "event_type"})
