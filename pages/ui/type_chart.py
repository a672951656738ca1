"""Sessions over time by type, stacked: figure, legend and section. Never computes a metric."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import charts, format, marks, notebook
from pages.ui.ask import Question, answer, question
from pages.ui.chart_section import draw
from pages.ui.frame import Page
from pages.ui.tables import COUNT, Column
from pages.ui.theme import Palette, palette
from warehouse.metrics import breakdowns

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import polars as pl

DIMENSION = "session_type"
# Each has a colour of its own.
SHOWN = 5
# What a row tells of: a type, all others, or sessions whose type is not known.
TYPE, OTHER, NOT_KNOWN = "type", "other", "not known"
# Its word, and the one where a type is called so.
_WORDS = {OTHER: ("Other", "All other types"), NOT_KNOWN: ("(not known)", "Type not known")}
SAYS = (
    "Sessions by the {grain} of their start, split by the type that was told first in each. The "
    f"{SHOWN} types with the most sessions in all of the period have a colour; the others are one. "
    "The parts add up to all sessions of the {grain}."
)


def asked(page: Page) -> Question:
    """What the section asks for."""
    return question(breakdowns.daily_by, page.filters, DIMENSION, grain=page.grain, limit=SHOWN)


def section(page: Page) -> None:
    """The chart with its legend; nothing where no session of the period has a type."""
    grain = page.grain
    frame = answer(asked(page))
    if frame["value"].null_count() == frame.filter(~frame["is_other"]).height:
        return
    named = _named(frame)
    starts = named["period_start"].unique(maintain_order=True).to_list()
    marked = marks.marks_of(page, starts)
    draw(
        page,
        f"Sessions by type per {grain}",
        named,
        lambda: marks.draw(stacked(named, grain), marked, starts, grain),
        {
            "period_start": Column("From", write=format.day, width=110),
            "value": Column("Type"),
            "session_count": Column("Sessions", **COUNT, width=90),
        },
        saved=frame,
        key="by_type",
        query="breakdowns.daily_by",
        says=SAYS.format(grain=grain),
        code=notebook.lines(breakdowns.daily_by, page.filters, DIMENSION, grain=grain, limit=SHOWN),
        metrics=("session_count",),
        alt=f"Sessions per {grain} as bars, stacked by session type",
    )
    st.html(legend(named))


def _named(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with words for the rest and for what is not known, and `kind`: which it is."""
    import polars as pl

    types = set(frame.filter(~frame["is_other"])["value"].drop_nulls())
    words = {kind: _apart(*both, types) for kind, both in _WORDS.items()}
    kind = (
        pl.when("is_other")
        .then(pl.lit(OTHER))
        .when(pl.col("value").is_null())
        .then(pl.lit(NOT_KNOWN))
        .otherwise(pl.lit(TYPE))
    )
    return (
        frame.with_columns(kind=kind)
        .with_columns(
            value=pl.when(pl.col("kind") == TYPE)
            .then("value")
            .otherwise(pl.col("kind").replace(words))
        )
        .drop("is_other")
    )


def _apart(word: str, instead: str, types: set[str]) -> str:
    """A word that no type is called by, so that the two are two parts of each bar."""
    if word not in types:
        return word
    while instead in types:
        instead += " …"
    return instead


def _kinds(frame: pl.DataFrame) -> dict[str, str]:
    """The parts of a bar by their names, from the bottom up, and what each is of."""
    return dict(frame.select("value", "kind").unique(maintain_order=True).iter_rows())


def colors(kinds: Mapping[str, str], look: Palette) -> dict[str, str]:
    """The colour of each name: greys for the rest, the lightest for what is not known."""
    own = [name for name, kind in kinds.items() if kind == TYPE]
    greys = {OTHER: look.series[6], NOT_KNOWN: _faded(look.quiet)}
    return dict(zip(own, look.series, strict=False)) | {
        name: greys[kind] for name, kind in kinds.items() if kind in greys
    }


def stacked(frame: pl.DataFrame, grain: str) -> go.Figure:
    """One bar a period, its parts from the most frequent at the bottom; a cut period is pale."""
    look = palette()
    drawn = charts.figure(260, look)
    color_of = colors(_kinds(frame), look)
    for name in _kinds(frame):
        part = frame.filter(frame["value"] == name)
        drawn.add_bar(
            x=part["period_start"].to_list(),
            y=part["session_count"].to_list(),
            name=name,
            marker={
                "color": color_of[name],
                "opacity": [1 if done else 0.5 for done in part["is_complete"].to_list()],
            },
            customdata=[
                f"{escape(name, quote=False)} <b>{format.count(count)}</b>"
                for count in part["session_count"].to_list()
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    counts = frame.select("period_start", "session_count")
    tops = counts.group_by("period_start").sum()["session_count"].to_list()
    charts.scale(drawn, "count", max(tops, default=0))
    starts = frame["period_start"].unique(maintain_order=True).to_list()
    drawn.update_xaxes(**charts.date_axis(grain, starts))
    drawn.update_layout(barmode="stack", bargap=0.25)
    return drawn


def legend(frame: pl.DataFrame) -> str:
    """The colours in words, as they lie from the bottom up, in HTML."""
    color_of = colors(_kinds(frame), palette())
    spans = "".join(
        f'<span><i style="background:{color_of[name]}"></i>{escape(name)}</span>'
        for name in color_of
    )
    return f'<div class="dwell-legend">{spans}</div>'


def _faded(color: str) -> str:
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.35)"
