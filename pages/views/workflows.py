"""Workflows: how many runs are finished, and which stand still. Never computes a metric."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import drill, format, notebook, sections, tables
from pages.ui.ask import Question, answer, question
from pages.ui.controls import go, href, parameter
from pages.ui.frame import Page
from pages.ui.tables import COUNT, SPAN, Column
from pages.ui.visitor import may_see_people
from pages.views.session_columns import short_clock
from warehouse.metrics import workflows

if TYPE_CHECKING:
    import polars as pl

SAYS = (
    "Runs that were started in sessions of the filters. Completed: its end came, also in a later "
    "session. Running: it did not, and the session is open. Abandoned: it did not, and the session "
    "is closed. The median is of completed runs, from their first event to their last."
)
STUCK = (
    "Abandoned runs by the last step that they told. Stuck is the time from there to the end of "
    "the session: how long somebody went on without getting further."
)
ABANDONED = "Runs that were not completed when their session closed, newest first."
_SHOWN = 100
# In place of a name or step that was not told.
UNTOLD = "(not told)"


def _workflow() -> str | None:
    return parameter("workflow") or None


def _asked(page: Page) -> tuple[Question, Question, Question]:
    return (
        question(workflows.summary, page.filters),
        question(workflows.stuck, page.filters),
        question(workflows.abandoned, None, page.filters, _workflow()),
    )


def asks(page: Page) -> tuple[Question, ...]:
    """What the tab shows."""
    return _asked(page)


def show(page: Page) -> None:
    """Runs by workflow, where they stopped, and each abandoned one with its session."""
    summary, stuck, abandoned = (answer(each) for each in _asked(page))
    if summary.is_empty():
        st.info(
            "No workflow was started in these sessions. Dwell knows runs by the events "
            "workflow_start, workflow_step and workflow_complete, or by a table "
            "workflow_executions."
        )
        return
    _summary(page, summary)
    _stuck(page, stuck)
    _abandoned(page, abandoned)


def _summary(page: Page, frame: pl.DataFrame) -> None:
    sections.head(
        "Runs by workflow",
        key="workflows",
        page=page,
        query="workflows.summary",
        filters=page.filters,
        says=SAYS,
        code=notebook.lines(workflows.summary, page.filters),
        frame=lambda: frame,
        file=sections.file_name(page, "workflows"),
    )
    st.markdown(found(frame))
    tables.show(
        _named(frame),
        {
            "name": Column("Workflow"),
            "started_count": Column("Started", **COUNT),
            "completed_count": Column("Completed", **COUNT),
            "abandoned_count": Column("Abandoned", **COUNT),
            "running_count": Column("Running", **COUNT, wide=True),
            "median_seconds": Column("Median time", **SPAN, help="Of completed runs"),
        },
        key="table_workflows",
        alt="Runs by workflow: started, completed, abandoned and running",
        small="started_count",
        link=lambda row: href(workflow=row["workflow_name"]) if row["workflow_name"] else None,
    )


def found(frame: pl.DataFrame) -> str:
    """How many runs were finished, and of which workflow most were not."""
    started, finished = (int(frame[f"{word}_count"].sum()) for word in ("started", "completed"))
    sentence = (
        f"Of {format.plural(started, 'run')} {format.count(finished)} were completed "
        f"({format.share(finished / started)})."
    )
    rows = frame.filter(frame["abandoned_count"] > 0).to_dicts()
    if not rows:
        return sentence
    worst = max(rows, key=lambda row: row["abandoned_count"] / row["started_count"])
    share = format.share(worst["abandoned_count"] / worst["started_count"])
    name = format.plain(worst["workflow_name"] or UNTOLD)
    return f"{sentence} {name} is abandoned most: {share} of its runs."


def _named(frame: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    words = [pl.col("workflow_name").fill_null(UNTOLD).alias("name")]
    if "last_step" in frame.columns:
        words.append(pl.col("last_step").fill_null(UNTOLD))
    return frame.with_columns(words)


def _stuck(page: Page, frame: pl.DataFrame) -> None:
    if frame.is_empty():
        st.caption("No run was abandoned.")
        return
    sections.head(
        "Where runs stop",
        key="stuck",
        page=page,
        query="workflows.stuck",
        filters=page.filters,
        says=STUCK,
        code=notebook.lines(workflows.stuck, page.filters),
        frame=lambda: frame,
        file=sections.file_name(page, "stuck"),
    )
    name = _workflow()
    tables.show(
        _named(frame.filter(frame["workflow_name"] == name) if name else frame),
        {
            "name": Column("Workflow"),
            "last_step": Column("Last step"),
            "abandoned_count": Column("Abandoned", **COUNT),
            "median_stuck_seconds": Column("Stuck, median", **SPAN),
            "p90_stuck_seconds": Column("Stuck, p90", **SPAN, wide=True),
        },
        key="table_stuck",
        alt="Abandoned runs by workflow and last step",
        small="abandoned_count",
        height=430,
    )


def _abandoned(page: Page, frame: pl.DataFrame) -> None:
    name = _workflow()
    of = f" of {name}" if name else ""
    sections.head(
        f"{format.plural(frame.height, 'abandoned run')}{of}",
        key="abandoned",
        page=page,
        query="workflows.abandoned",
        filters=page.filters,
        says=ABANDONED,
        code=notebook.lines(workflows.abandoned, None, page.filters, name),
        frame=lambda: frame,
        file=sections.file_name(page, "abandoned"),
    )
    if name:
        st.button("Show all workflows", on_click=go, kwargs={"workflow": None}, type="tertiary")
    if frame.is_empty():
        st.caption("No run was abandoned.")
        return
    columns: dict[str, Any] = {
        "start_time": Column("Start", write=lambda moment: short_clock(page, moment)),
        "name": Column("Workflow"),
        "user_id": Column("User"),
        "last_step": Column("Last step"),
        "stuck_seconds": Column("Stuck", **SPAN),
        "workflow_id": Column("Run", wide=True),
    }
    tables.show(
        _named(frame.head(_SHOWN)),
        columns,
        key="table_abandoned",
        alt="Abandoned runs, with their last step and how long they stood still",
        link=lambda row: drill.session_address(page.choice, row),
        height=430,
    )
    more = f"The newest {_SHOWN} of them; the file has all. " if frame.height > _SHOWN else ""
    st.caption(f"{more}{'A row opens the session of the run.' if may_see_people() else ''}")
