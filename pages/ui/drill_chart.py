"""A chart whose parts lead to the sessions and users behind them. Never computes a metric.

A click on a part, or its name in the box below, puts it into the address; the line beside the box
then has the ways on. So Back takes it back, and the keyboard reaches all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages.ui import drill, ways
from pages.ui.address import Choice
from pages.ui.charts import CONFIG
from pages.ui.controls import go, parameter
from pages.ui.filter_row import href_of
from pages.ui.theme import palette

Point = dict[str, Any]
_UNSEEN = {name: {"marker": {"opacity": 0}} for name in ("selected", "unselected")}


@dataclass(frozen=True)
class Part:
    """A part of what a chart shows: its name, what it holds, and the choice that takes it alone.

    `band` is where it lies on the axes, for the mark: from and to, and of a cell those of its row.
    """

    name: str
    holds: str
    choice: Choice
    band: tuple[Any, ...]


@dataclass(frozen=True)
class Parts:
    """All parts of one chart by their keys, and the key of the part that a clicked point is in.

    `noun` is what a part is called, `only` the words of the link to this page with it alone.
    """

    noun: str
    only: str
    by_key: Mapping[str, Part]
    key_at: Callable[[Point], str]

    @property
    def parameter(self) -> str:
        """Where the address has the part that is chosen."""
        return f"in_{self.noun.replace(' ', '_')}"


def draw(figure: Any, parts: Parts, *, key: str, alt: str) -> None:
    """The chart, and below it the ways on from the part that is chosen."""
    asked = parameter(parts.parameter)
    chosen = asked if asked in parts.by_key else None
    _make_clickable(figure)
    if chosen:
        _mark(figure, parts.by_key[chosen].band)
    # Drawn anew for each choice: a chart remembers what was clicked, and a second click would
    # only take that back.
    chart = f"{key}_{chosen or 'whole'}"
    with st.container(key=key):
        st.plotly_chart(
            figure,
            key=chart,
            on_select=lambda: _on_click(chart, parts),
            selection_mode="points",
            theme=None,
            config=CONFIG,
            alt=alt,
        )
    with st.container(
        key=f"drill_{key}", horizontal=True, gap="small", vertical_alignment="center"
    ):
        box = f"pick_{key}"
        st.session_state[box] = chosen
        st.selectbox(
            _question(parts),
            list(parts.by_key),
            format_func=lambda part: parts.by_key[part].name,
            index=None,
            placeholder=_question(parts),
            label_visibility="collapsed",
            width=230,
            key=box,
            on_change=lambda: go(**{parts.parameter: st.session_state[box]}),
        )
        if chosen:
            st.html(_ways(parts, chosen), width="content")


def _on_click(chart: str, parts: Parts) -> None:
    points = st.session_state[chart]["selection"]["points"]
    part = parts.key_at(points[0]) if points else None
    if part in parts.by_key:
        go(**{parts.parameter: part})


def _ways(parts: Parts, chosen: str) -> str:
    """What the part holds, and where it leads."""
    part = parts.by_key[chosen]
    links = {
        "Show sessions": drill.to(drill.SESSIONS, part.choice),
        "Show users": drill.to(drill.USERS, part.choice),
        parts.only: href_of(part.choice, without=parts.parameter),
    }
    return ways.line(links, part.holds)


def _make_clickable(figure: Any) -> None:
    """Lines without markers and cells take no click, and what was not clicked must not fade."""
    for trace in figure.data:
        if trace.type == "scatter" and trace.mode == "lines":
            trace.update(mode="lines+markers", marker={"opacity": 0}, **_UNSEEN)
        elif trace.type == "heatmap":
            _cover(figure, trace)
        else:
            trace.update(unselected={"marker": {"opacity": 1}})


def _cover(figure: Any, cells: Any) -> None:
    """A point on each cell, which nobody sees."""
    places = [(x, y) for y in cells.y for x in cells.x]
    figure.add_scatter(
        x=[x for x, _ in places],
        y=[y for _, y in places],
        mode="markers",
        marker={"size": 24, "symbol": "square", "opacity": 0},
        **_UNSEEN,
        customdata=[text for line in cells.customdata for text in line],
        hovertemplate=cells.hovertemplate,
    )
    # Points would have room around them that cells do not need.
    figure.update_xaxes(range=[-0.5, len(cells.x) - 0.5])
    figure.update_yaxes(range=[len(cells.y) - 0.5, -0.5], autorange=False)


def _mark(figure: Any, band: tuple[Any, ...]) -> None:
    """Tints the part; a band without width is a line."""
    first, last, *rows = band
    line = first == last
    figure.add_shape(
        type="line" if line else "rect",
        x0=first,
        x1=last,
        y0=rows[0] if rows else 0,
        y1=rows[1] if rows else 1,
        yref="y" if rows else "paper",
        layer="above" if rows else "below",
        line={"width": 1.5 if line or rows else 0, "color": palette().quiet},
        fillcolor=None if line or rows else palette().grid,
    )


def _question(parts: Parts) -> str:
    article = "an" if parts.noun == "hour" else "a"
    return f"Look into {article} {parts.noun}"
