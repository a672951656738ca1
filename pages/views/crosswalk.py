"""The crosswalk: what other tools would make of the sessions, and why. Never computes a metric."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import crosswalk_charts, format, notebook, peer_rules
from pages.ui.ask import Question, ask, current_warehouse, question
from pages.ui.chart_section import draw
from pages.ui.controls import chosen, pick
from pages.ui.empty import explain_empty
from pages.ui.frame import Page
from pages.ui.tables import COUNT, SPAN, Column
from warehouse.metrics import crosswalk, lab_conditions
from warehouse.metrics.crosswalk_conditions import refused, value_words
from warehouse.metrics.crosswalk_rules import DWELL, LABELS, PEERS, STEPS

if TYPE_CHECKING:
    import polars as pl

MEASURES = {
    "session_count": ("Sessions", "count"),
    "avg_duration_seconds": ("Mean duration", "seconds"),
    "bounce_rate": ("Bounce rate", "rate"),
}
TOOLS = {name: rule.label for name, rule in PEERS.items()}
STEP_LABELS = {
    DWELL: LABELS[DWELL],
    "bots": "Bots",
    "one_line": "One line per user",
    "sign_outs": "Signing out",
    "timeout": "Timeout",
    "midnight": "Midnight",
    "campaign": "Campaign",
    "day_long": "24 hours",
    "engagement": "Passive events",
}
DEFINITIONS_SAYS = (
    "Each tool's rule cuts all events of a user anew, as one line: streams and the ids of a "
    "tracker do not matter. Then the filters hold for the sessions so cut. Tools leave out neither "
    "open sessions nor those of more than a day. The rules are below, with where each is from."
)
WATERFALL_SAYS = (
    "One difference between the rules a step, each kept by those after it: what one adds depends "
    "on the order. The last count is that of the tool's own row."
)


def _tool() -> str:
    return chosen("crosswalk_to", TOOLS, "ga4")


def asks(page: Page) -> tuple[Question, ...]:
    """What the sections ask for, in the order in which they are drawn."""
    if refused(current_warehouse(), page.filters):
        return ()
    return (
        question(crosswalk.definitions, page.filters),
        question(crosswalk.waterfall, page.filters, to=_tool()),
    )


def show(page: Page) -> None:
    """The definitions side by side, the way to one of them, and the rules."""
    names = refused(current_warehouse(), page.filters)
    if names:
        st.caption(
            f"The crosswalk cannot tell {', '.join(names)} of sessions that another tool's rule "
            "makes, so only the rules are shown. Leave that condition out for the numbers."
        )
    else:
        frame = ask(crosswalk.definitions, page.filters)
        if not frame["session_count"].sum():
            explain_empty(page)
        _definitions(page, frame)
        _waterfall(page)
    _rules()


def _definitions(page: Page, frame: pl.DataFrame) -> None:
    import polars as pl

    of = chosen("crosswalk_of", MEASURES, "session_count")
    label, unit = MEASURES[of]
    own = frame["session_count"][0]

    shown = frame.with_columns(
        label=pl.col("definition").replace_strict(LABELS, return_dtype=pl.String),
        against=pl.col("session_count") / own - 1 if own else pl.lit(None, pl.Float64),
    )
    # Few rows that are compared with each other: the table is there unless it is switched off.
    st.session_state.setdefault("toggle_table_crosswalk", True)
    draw(
        page,
        f"{label} by definition",
        shown,
        lambda: crosswalk_charts.bars(frame, of, unit, DWELL, LABELS),
        {
            "label": Column("Definition", wraps=True),
            "session_count": Column("Sessions", **COUNT, width=90),
            "against": Column("To Dwell", write=_relative, width=90),
            "avg_duration_seconds": Column("Mean duration", **SPAN, width=120),
            "bounce_rate": Column("Bounce", write=format.share, width=90),
        },
        key="crosswalk",
        query="crosswalk.definitions",
        says=DEFINITIONS_SAYS,
        code=notebook.lines(crosswalk.definitions, page.filters),
        sql_parts=_sql_parts(page),
        alt=f"{label} of the same events under the rules of eight definitions; Dwell's stands out",
        control=lambda: pick(
            "Measure",
            "crosswalk_of",
            {name: words for name, (words, _) in MEASURES.items()},
            "session_count",
        ),
        saved=frame,
        small="session_count",
        note="Mixpanel defines no bounce." if of == "bounce_rate" else "",
    )


def _waterfall(page: Page) -> None:
    import polars as pl

    to = _tool()
    st.session_state.setdefault("toggle_table_waterfall", True)
    frame = ask(crosswalk.waterfall, page.filters, to=to)
    rows = frame.to_dicts()
    counts = frame["session_count"].to_list()
    changes = [None, *(after - before for before, after in pairwise(counts))]
    shown = frame.with_columns(
        label=pl.col("step").replace_strict(STEP_LABELS, return_dtype=pl.String),
        change=pl.Series(changes, dtype=pl.Int64),
        why=pl.col("step").replace_strict(STEPS, return_dtype=pl.String),
    )
    draw(
        page,
        f"From Dwell to {TOOLS[to]}",
        shown,
        lambda: crosswalk_charts.waterfall(rows, STEP_LABELS, TOOLS[to]),
        {
            "label": Column("Step", width=130),
            "session_count": Column("Sessions", **COUNT, width=80),
            "change": Column("Change", write=_signed, width=80),
            "why": Column("What differs", wraps=True),
        },
        key="waterfall",
        query="crosswalk.waterfall",
        says=WATERFALL_SAYS,
        code=notebook.lines(crosswalk.waterfall, page.filters, to=to),
        sql_parts=_sql_parts(page),
        alt=f"Sessions from Dwell's count to that of {TOOLS[to]}, by one difference a step",
        control=lambda: pick("Tool", "crosswalk_to", TOOLS, "ga4"),
        saved=frame,
    )


def _relative(share: float | None) -> str:
    return format.change(share, "relative") or format.NULL


def _signed(value: int | None) -> str:
    return format.amount(value, "count") or format.NULL


def _sql_parts(page: Page) -> dict[str, Any]:
    names = lab_conditions.names_in(current_warehouse(), page.filters)
    return {"words": tuple(value_words(names).items())}


def _rules() -> None:
    st.subheader("The rules, and where they are from", anchor=False)
    st.html(peer_rules.articles(PEERS.values()))
    st.caption(
        "By the defaults of each tool. Passive events (heartbeats, scrolls) stand for Plausible's "
        "engagement events and Matomo's pings."
    )
