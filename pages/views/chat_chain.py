"""What becomes of answers, group by group: the value chain, its table, and feedback.

Never computes a metric.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import (
    breakdowns,
    chat_asked,
    chat_chain,
    chat_columns,
    chat_feedback,
    format,
    notebook,
    sections,
)
from pages.ui.ask import Question, ask, current_warehouse, question
from pages.ui.chart_section import draw
from pages.ui.controls import parameter, pick
from pages.ui.frame import Page
from pages.ui.html_table import SMALL
from pages.ui.tables import COUNT, SPAN, Column
from pages.ui.tables import show as show_table
from warehouse.metrics import chat
from warehouse.metrics.chat_rates import ACTS, CHAIN, FEEDBACK

if TYPE_CHECKING:
    import polars as pl

# More are in the table and the files.
MOST_GROUPS = 6
CHAIN_SAYS = (
    "Each prompt with each answer to it, in closed sessions. *Answered*: an answer came. *Read*: "
    "something followed it, an act on it or the next thing done. *Engaged*: scrolled, selected, "
    "copied, or a citation opened. *Used*: without the scrolls. *Copied* is copied. Each step "
    "holds who reached a later one, so bars only fall; the small figure between two bars is the "
    "share that went on. An act is of the answer before it, up to the chat's next prompt. "
    "Outcomes are of what was answered. *Rephrased*: the next prompt came within 20 s, and "
    "nothing was copied or selected. *Silent success*: copied or selected without feedback. "
    "*Silent failure*: rephrased, or the visit ended within 20 s of it with nothing done. "
    "Lines at the bars are intervals of 95 %, which take answers to one user as alike."
)
TABLE_SAYS = (
    "Rates are of answers in closed sessions (errors: of prompts), with intervals of 95 % that "
    "take answers to one user as alike. Latency is as told, else from prompt to answer."
)
FEEDBACK_SAYS = (
    "The last feedback on each answer, of all answers in closed sessions. Most answers have none, "
    "and who rates is not like who does not: read the share of thumbs up with that of answers "
    "without any."
)


def by(page: Page) -> str:
    """What is chosen; models where that is nothing, and no group is told."""
    name = chat_asked.by()
    if parameter("by") is None:
        frame = ask(chat.value_chain, page.filters, by=name)
        if frame[name].null_count() == frame.height:
            return "model"
    return name


def asks(page: Page) -> tuple[Question, ...]:
    """What the sections ask for, in the order in which they are drawn."""
    name = chat_asked.by()
    return (
        question(chat.value_chain, page.filters, by=name),
        question(chat.models, page.filters, by=name),
        question(chat.feedback, page.filters, by=name),
    )


def show(page: Page) -> None:
    """The chain, the same groups as a table, and their feedback."""
    name = by(page)
    _chain(page, name)
    _table(page, name)
    _feedback(page, name)


def _chain(page: Page, name: str) -> None:
    frame = ask(chat.value_chain, page.filters, by=name)
    parts = frame.partition_by(name, maintain_order=True)
    groups = [(chat_asked.named(part[name][0], name), part.to_dicts()) for part in parts]
    shown = groups[:MOST_GROUPS]
    draw(
        page,
        f"The answer value chain, by {chat_asked.BY[name].lower()}",
        frame,
        lambda: chat_chain.chain(shown, links(page, name, [part[name][0] for part in parts])),
        {
            name: Column(chat_asked.BY[name], width=140),
            "step": Column("Step or outcome", write=_step, width=150),
            "count": Column("Answers", **COUNT, width=90),
            "case_count": Column("Of", **COUNT, width=90),
            "rate": Column("Share", write=format.share, width=80),
            "low": Column("From", write=format.share, width=80, help="Interval of 95 %"),
            "high": Column("To", write=format.share, width=80, help="Interval of 95 %"),
            "from_previous_rate": Column("Of the step before", write=format.share, width=120),
        },
        key="chain",
        query="chat.value_chain",
        says=CHAIN_SAYS,
        code=notebook.lines(chat.value_chain, page.filters, by=name),
        alt="How far answers get, as a funnel per group, and what came of them",
        small="case_count",
        control=lambda: pick("By", "by", chat_asked.BY, "model_group"),
        sql_parts=chat_asked.turn_parts(page.filters, name, CHAIN),
        files=chat_asked.FILES,
        lead=chat_chain.found(shown) if shown else "",
        note=_note(len(groups)),
    )
    to_compare(page, name)


def _step(step: str) -> str:
    return (chat_chain.STEPS | chat_chain.OUTCOMES)[step][0]


def _note(count: int) -> str:
    if count <= MOST_GROUPS:
        return ""
    return f"Shown are the {MOST_GROUPS} with most prompts of {count}; the files have all."


def links(page: Page, name: str, values: list[Any]) -> dict[str, str | None]:
    """Where a group's name leads: the same page with its sessions alone."""
    known = {each.name: each for each in current_warehouse().dimensions}
    if name not in known:
        return {}
    return {
        chat_asked.named(value, name): breakdowns.link_to(page, known[name], value)
        for value in values
    }


def to_compare(page: Page, name: str) -> None:
    """The way to whether a difference is more than chance; nothing where there is none."""
    address = chat_asked.compare(page.choice, name)
    if address:
        st.html(
            '<p class="dwell-note">Is a difference more than chance? '
            f"{breakdowns.link(f'Compare by {chat_asked.BY[name].lower()}', address)}</p>"
        )


def _table(page: Page, name: str) -> None:
    frame = ask(chat.models, page.filters, by=name)
    sections.head(
        f"Side by side, by {chat_asked.BY[name].lower()}",
        key="models",
        page=page,
        query="chat.models",
        filters=page.filters,
        says=TABLE_SAYS,
        code=notebook.lines(chat.models, page.filters, by=name),
        parts=chat_asked.turn_parts(page.filters, name, ACTS),
        frame=lambda: frame,
        file=sections.file_name(page, f"chat_by_{name}"),
        files=chat_asked.FILES,
    )
    address = chat_asked.compare(page.choice, name)
    show_table(
        named(frame, name),
        _columns(frame, name),
        key="table_models",
        alt=f"Answers by {chat_asked.BY[name].lower()}: latency, and rates with their intervals",
        small="response_count",
        rest="is_untold",
        more=(lambda _: {("contrast", "Compare"): address}) if address else None,
    )


def named(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """The frame with a word for the value that nobody told: `is_untold`."""
    import polars as pl

    return frame.with_columns(
        pl.Series(name, [chat_asked.named(value, name) for value in frame[name]], dtype=pl.String),
        is_untold=pl.col(name).is_null(),
    )


def _columns(frame: pl.DataFrame, name: str) -> dict[str, Column]:
    columns = {
        name: Column(chat_asked.BY[name]),
        "response_count": Column("Answers", **COUNT),
        "user_count": Column("Users", **COUNT, wide=True),
        "p50_ms": chat_columns.latency("Median", wide=True, help="Median latency"),
        "p95_ms": chat_columns.latency("p95", wide=True, help="Latency"),
        **chat_columns.rates(*chat_columns.RATES),
        "median_read_seconds": Column("Read", **SPAN, wide=True, help="Median read time"),
    }
    told = {
        "first_token_p50_ms": chat_columns.latency("First token", wide=True, help="Median"),
        "avg_prompt_tokens": Column("Tokens in", **COUNT, wide=True, help="Mean of an answer"),
        "avg_completion_tokens": Column("Tokens out", **COUNT, wide=True, help="Mean of an answer"),
        "cost": Column("Cost", write=chat_columns.per(2), wide=True, help="Sum, as told"),
    }
    return columns | {
        key: column for key, column in told.items() if frame[key].null_count() < frame.height
    }


def _feedback(page: Page, name: str) -> None:
    frame = ask(chat.feedback, page.filters, by=name)
    draw(
        page,
        f"Feedback, by {chat_asked.BY[name].lower()}",
        frame,
        lambda: chat_feedback.bars(
            [(chat_asked.named(row[name], name), row) for row in frame.head(MOST_GROUPS).to_dicts()]
        ),
        {
            name: Column(chat_asked.BY[name], width=140),
            "response_count": Column("Answers", **COUNT, width=90),
            "feedback_rate": Column("Any", write=format.share, width=80),
            "up_rate": Column("Up", write=format.share, width=80),
            "neutral_rate": Column("Neutral", write=format.share, width=80),
            "down_rate": Column("Down", write=format.share, width=80),
            "positive_rate": Column("Up, of up and down", write=format.share, width=130),
        },
        key="feedback",
        query="chat.feedback",
        says=FEEDBACK_SAYS,
        code=notebook.lines(chat.feedback, page.filters, by=name),
        alt="Feedback on answers: up, neutral, down, and none",
        small="response_count",
        sql_parts=chat_asked.turn_parts(page.filters, name, FEEDBACK),
        files=chat_asked.FILES,
        empty=f"No answers here: feedback is of answers. Low n is below {SMALL}.",
    )
