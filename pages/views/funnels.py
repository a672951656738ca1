"""Funnels: the steps, who is behind them, their trend and parts; and workflows.

Never computes a metric.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import format, funnel_asked, notebook, sections
from pages.ui.ask import Question, ask, current_warehouse, question
from pages.ui.controls import chosen, href, switch
from pages.ui.empty import explain_empty
from pages.ui.frame import Page
from pages.ui.funnel_asked import FunnelAsked
from pages.ui.tables import COUNT, SPAN, Column
from pages.ui.tables import show as show_table
from pages.views import funnel_builder, funnel_parts, funnel_people, workflows
from warehouse.filters import Filters
from warehouse.metrics import data, funnels, overview
from warehouse.metrics.intervals import of_steps
from warehouse.segments import segments_or_problems

if TYPE_CHECKING:
    import polars as pl

VIEWS = {"funnel": "Funnel", "workflows": "Workflows"}
SAYS = (
    "{nouns} who did the steps. The days of the period hold for the first of them: later ones may "
    "lie behind its end, up to now. Step n is reached where any choice of events fulfils all that "
    "is asked, each event for one step; events of one time go by their order. Times are from the "
    "first event to the first that reaches the step. Intervals of 95 % by Wilson."
)
# Of a page without a choice: what most events are that somebody does, and no tracker by itself.
_USUAL_STEPS = 3


def usual_steps(page: Page) -> tuple[str, ...]:
    """The funnel of a visitor who has not chosen: the most frequent acts, one after the other."""
    passive = set(current_warehouse().setting("passive_events"))
    types = [one for one in ask(data.event_types)["event_type"].to_list() if one not in passive]
    return tuple(types[:_USUAL_STEPS]) or ("*",)


def asks(page: Page) -> tuple[Question, ...]:
    """All that the page asks for, in the order in which it is drawn."""
    if chosen("view", VIEWS, "funnel") == "workflows":
        return workflows.asks(page)
    asked = funnel_asked.asked(usual_steps(page))
    return (
        question(overview.totals, page.filters),
        question(funnels.steps, page.filters, **asked.args),
        *funnel_people.asks(page, asked),
        *funnel_parts.asks(page, asked),
    )


def show(page: Page) -> None:
    """All sections of the page; when no session matches, why."""
    totals = ask(overview.totals, page.filters).row(0, named=True)
    if totals["session_count"] == 0:
        explain_empty(page)
    view = switch("Funnel or workflows", "view", VIEWS, "funnel")
    if view == "workflows":
        workflows.show(page)
        return
    asked = funnel_asked.asked(usual_steps(page))
    funnel_builder.draw(page, asked)
    _steps(page, asked)
    funnel_people.show(page, asked)
    funnel_parts.trend(page, asked)
    funnel_parts.by(page, asked)


def _steps(page: Page, asked: FunnelAsked) -> None:
    frame = ask(funnels.steps, page.filters, **asked.args)
    sections.head(
        f"Who gets through, by {asked.noun}",
        key="steps",
        page=page,
        query="funnels.steps",
        filters=page.filters,
        parts=asked.funnel.sql_parts,
        says=SAYS.format(nouns=asked.nouns.capitalize()),
        code=notebook.lines(funnels.steps, page.filters, **asked.args),
        frame=lambda: frame,
        file=sections.file_name(page, "funnel"),
        extra=lambda: funnel_builder.compare(page),
    )
    if not frame["count"][0]:
        st.info(
            f"No {asked.noun} did {format.plain(asked.steps[0])} on these days. Choose another "
            "first step, or a longer period."
        )
        return
    st.markdown(found(asked, frame))
    other = _compared(page, asked)
    show_table(
        told(frame, other[1] if other else None),
        _columns(asked, other[0] if other else None),
        key="table_steps",
        alt=f"Steps of the funnel by {asked.noun}",
        small="count",
        link=lambda row: href(at=str(row["step_number"]), outcome=None, page=None),
        more=lambda row: dropped(asked, row),
    )
    st.caption(
        f"A row opens the {asked.nouns} {asked.that} reached the step; the sign beside it those "
        f"{asked.that} dropped there."
    )


def _compared(page: Page, asked: FunnelAsked) -> tuple[str, pl.DataFrame] | None:
    """The same funnel of another segment in the same days, with its label."""
    wh = current_warehouse()
    known = segments_or_problems(wh.home, wh.dimensions).by_name
    name = chosen("versus", known, "")
    if not name:
        return None
    filters = Filters(
        page.filters.start,
        page.filters.end,
        include_bots=page.filters.include_bots,
        segments=known[name].conditions,
    )
    return known[name].label, ask(funnels.steps, filters, **asked.args)


def dropped(asked: FunnelAsked, row: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """The way to those who reached the step before and not this one."""
    if row["step_number"] == 1:
        return {}
    words = f"{asked.nouns.capitalize()} {asked.that} dropped here"
    address = href(at=str(row["step_number"]), outcome="dropped", page=None)
    return {("person_off", words): address}


def found(asked: FunnelAsked, frame: pl.DataFrame) -> str:
    """What the steps come down to, in a sentence or two."""
    rows = frame.to_dicts()
    first, last = rows[0], rows[-1]
    text = (
        f"Of {format.plural(first['count'], asked.noun, asked.nouns)} {asked.that} began, "
        f"**{format.share(last['conversion_rate'])}** got through"
    )
    if last["median_seconds"] is not None:
        text += f", half of them within {format.duration(last['median_seconds'])}"
    lost = [(before["count"] - row["count"], row["step"]) for before, row in pairwise(rows)]
    if lost and max(lost)[0]:
        most, step = max(lost)
        text += f". Most are lost before {format.plain(step)}: {format.count(most)}"
    return f"{text}."


def told(frame: pl.DataFrame, other: pl.DataFrame | None) -> pl.DataFrame:
    """The steps with their intervals in words, and the rates of another segment beside them."""
    import polars as pl

    rows = of_steps(frame).with_columns(
        bar=pl.col("conversion_rate"),
        lost=pl.col("count").shift(1) - pl.col("count"),
        step=pl.format("{}. {}", "step_number", "step"),
    )
    if other is not None:
        beside = of_steps(other).select(
            pl.struct("conversion_rate", "conversion_rate_low", "conversion_rate_high").alias(
                "other_rate"
            )
        )
        rows = pl.concat([rows, beside], how="horizontal")
    # All who began have begun: there is nothing to be unsure of.
    ends = pl.struct(
        pl.when(pl.col("step_number") > 1).then(pl.col(name)).alias(name)
        for name in ("conversion_rate_low", "conversion_rate_high")
    )
    return rows.with_columns(interval=ends)


def _columns(asked: FunnelAsked, other: str | None) -> dict[str, Column]:
    columns = {
        "step": Column("Step"),
        "bar": Column("Of those who began", bar=True),
        "count": Column(asked.nouns.capitalize(), **COUNT),
        "from_previous_rate": Column("From step before", write=format.share),
        "lost": Column("Dropped", **COUNT, wide=True),
        "interval": Column("95 %", write=lambda ends: format.between(*ends.values()), wide=True),
        "median_seconds": Column("Median time", **SPAN),
        "p90_seconds": Column("p90", **SPAN, wide=True),
    }
    if other:
        columns["other_rate"] = Column(
            other,
            write=_rate_and_ends,
            help="Of those who began in that segment, on the same days",
        )
    return columns


def _rate_and_ends(rate: Mapping[str, float | None]) -> str:
    value, low, high = rate.values()
    return f"{format.share(value)} ({format.between(low, high)})"
