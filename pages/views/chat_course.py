"""How chats go: after which turn they end, how long they are, and which prompts lead to copies.

Never computes a metric.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import chat_asked, chat_charts, chat_columns, format, notebook, sections
from pages.ui.ask import Question, ask, question
from pages.ui.chart_section import draw
from pages.ui.controls import switch
from pages.ui.frame import Page
from pages.ui.html_table import SMALL
from pages.ui.tables import COUNT, SPAN, Column
from pages.ui.tables import show as show_table
from pages.views.chat_chain import named
from warehouse.metrics import chat
from warehouse.metrics.chat_rates import ACTS, DROP_OFF

if TYPE_CHECKING:
    import polars as pl

MOST_GROUPS = 4
ENDS_SAYS = (
    "Of the chats that got to a turn, the share that ended there, with its interval of 95 % by "
    "users. A chat whose last visit is still open has not ended: it is left out of the rate of its "
    "last turn. Chats are those that began in sessions of the filters, with all that followed. "
    "Of fewer than 100 chats no line of an interval is drawn; the table has it."
)
KINDS_SAYS = (
    "Answers in closed sessions by the kind of their prompt, as it was sent (`query_type` or "
    "`prompt_type`). Below each share its interval of 95 %, which takes answers to one user as "
    "alike."
)
LENGTHS_SAYS = (
    "Chats that began in sessions of the filters, with all their visits; a chat counts for the "
    "group that most of its answers are of. Those that may still go on are counted, and left out "
    "of the other numbers. Turns are prompts; the time is from the first to the last prompt or "
    "answer."
)
VISITS_SAYS = (
    "A visit is a session with a prompt or an answer; a chat may go on over several, and a visit "
    "hold several chats. Counted are the turns in sessions of the filters."
)
MEASURES = {
    "prompts_per_chat": ("Prompts per chat", "chat"),
    "visits_per_chat": ("Visits per chat", "chat"),
    "prompts_per_visit": ("Prompts per visit", "visit"),
    "chats_per_visit": ("Chats per visit", "visit"),
}


def asks(page: Page) -> tuple[Question, ...]:
    """What the sections ask for, in the order in which they are drawn."""
    ends = chat_asked.ends_by()
    return (
        question(chat.queries, page.filters),
        question(chat.drop_off, page.filters, **({"by": ends} if ends else {})),
        question(chat.lengths, page.filters, by=ends or "model"),
        question(chat.per_visit, page.filters),
    )


def show(page: Page) -> None:
    """The kinds of prompts, the ends of chats, their lengths, and how they lie in visits."""
    _kinds(page)
    _ends(page)
    _lengths(page)
    _visits(page)


def _kinds(page: Page) -> None:
    frame = ask(chat.queries, page.filters)
    sections.head(
        "Which prompts lead to use",
        key="kinds",
        page=page,
        query="chat.queries",
        filters=page.filters,
        says=KINDS_SAYS,
        code=notebook.lines(chat.queries, page.filters),
        parts=chat_asked.turn_parts(page.filters, "prompt_type", ACTS),
        frame=lambda: frame,
        file=sections.file_name(page, "prompt_kinds"),
        files=chat_asked.FILES,
    )
    if frame.is_empty():
        st.caption("No answers here.")
        return
    shares = (
        "copied_rate",
        "selected_rate",
        "citation_rate",
        "silent_failure_rate",
        "rephrased_rate",
        "error_rate",
    )
    show_table(
        named(frame, "prompt_type").with_columns(bar=frame["used_rate"]),
        {
            "prompt_type": Column("Kind of prompt"),
            "response_count": Column("Answers", **COUNT),
            "user_count": Column("Users", **COUNT, wide=True),
            "bar": Column(
                "Used",
                bar=True,
                help="Copied, selected from, or a citation opened",
                under=lambda row: chat_columns.ends_of(row, "used_rate").removesuffix(" %"),
            ),
            **chat_columns.rates(*shares),
        },
        key="table_kinds",
        alt="Answers by kind of prompt: how many were used, copied, rephrased",
        small="response_count",
        rest="is_untold",
    )


def _ends(page: Page) -> None:
    name = chat_asked.ends_by()
    args = {"by": name} if name else {}
    frame = ask(chat.drop_off, page.filters, **args)
    groups = [("", frame)]
    if name:
        parts = frame.partition_by(name, maintain_order=True)
        groups = [(chat_asked.named(part[name][0]), part) for part in parts]
        groups = sorted(groups, key=lambda pair: -pair[1]["chat_count"][0])[:MOST_GROUPS]
        known = [pair for pair in groups if pair[1]["chat_count"][0] >= chat_charts.LEAST_CHATS]
        groups = known or groups[:1]
    draw(
        page,
        "After which turn chats end",
        frame,
        lambda: chat_charts.drop_off(groups),
        {
            **({name: Column(chat_asked.BY[name], width=140)} if name else {}),
            "turn_number": Column("Turn", width=70),
            "chat_count": Column("Chats that got so far", **COUNT, width=140),
            "ended_count": Column("Ended there", **COUNT, width=110),
            "open_count": Column("May go on", **COUNT, width=100),
            "ended_rate": Column("Share", write=format.share, width=80),
            "ended_rate_low": Column("From", write=format.share, width=80),
            "ended_rate_high": Column("To", write=format.share, width=80),
        },
        key="ends",
        query="chat.drop_off",
        says=ENDS_SAYS,
        code=notebook.lines(chat.drop_off, page.filters, **args),
        alt="Share of chats that end after each turn with its interval, and how many got so far",
        small="chat_count",
        control=lambda: switch("All chats or by group", "ends_by", chat_asked.ENDS_BY, "all"),
        sql_parts=chat_asked.chat_parts(page.filters, name, DROP_OFF),
        files=chat_asked.FILES,
        note=_not_drawn(groups),
        empty="No chat here has a prompt.",
    )
    if legend := chat_charts.group_legend([name for name, _ in groups]):
        st.html(legend)


def _not_drawn(groups: Sequence[tuple[str, pl.DataFrame]]) -> str:
    few = "Hollow" if len(groups) > 1 else "Grey"
    note = f"{few}: fewer than {SMALL} chats got so far."
    if all(chat_charts.told_turns(part).height == part.height for _, part in groups):
        return note
    return (
        f"{note} Turns that fewer than {chat_charts.LEAST_CHATS} chats got to, and those beyond "
        f"{chat_charts.MOST_TURNS}, are in the table and the files."
    )


def _lengths(page: Page) -> None:
    name = chat_asked.ends_by() or "model"
    frame = ask(chat.lengths, page.filters, by=name)
    sections.head(
        f"Length of chats by {chat_asked.BY[name].lower()}",
        key="lengths",
        page=page,
        query="chat.lengths",
        filters=page.filters,
        says=LENGTHS_SAYS,
        code=notebook.lines(chat.lengths, page.filters, by=name),
        parts=chat_asked.chat_parts(page.filters, name),
        frame=lambda: frame,
        file=sections.file_name(page, "chat_lengths"),
        files=chat_asked.FILES,
    )
    if frame.is_empty():
        st.caption("No chat began in these sessions.")
        return
    show_table(
        named(frame, name),
        {
            name: Column(chat_asked.BY[name]),
            "chat_count": Column("Chats", **COUNT),
            "open_count": Column("May go on", **COUNT, wide=True),
            "median_turns": Column("Median turns", write=chat_columns.per(0)),
            "avg_turns": Column("Mean turns", write=chat_columns.per(2)),
            "p90_turns": Column("p90", write=chat_columns.per(0), wide=True),
            "median_duration_seconds": Column("Median time", **SPAN),
            "avg_visits": Column("Visits", write=chat_columns.per(2), wide=True, help="Mean"),
        },
        key="table_lengths",
        alt="How long chats go on",
        small="chat_count",
        rest="is_untold",
    )


def _visits(page: Page) -> None:
    import polars as pl

    frame = ask(chat.per_visit, page.filters)
    sections.head(
        "Chats and visits",
        key="visits",
        page=page,
        query="chat.per_visit",
        filters=page.filters,
        says=VISITS_SAYS,
        code=notebook.lines(chat.per_visit, page.filters),
        parts=chat_asked.turn_parts(page.filters),
        frame=lambda: frame,
        file=sections.file_name(page, "chats_and_visits"),
        files=chat_asked.FILES,
    )
    rows = frame.with_columns(
        label=pl.col("measure").replace_strict({key: word for key, (word, _) in MEASURES.items()})
    )
    show_table(
        rows,
        {
            "label": Column(""),
            "mean": Column("Mean", write=chat_columns.per(2)),
            "median": Column("Median", write=chat_columns.per(0)),
            "p90": Column("p90", write=chat_columns.per(0)),
            "most": Column("Most", **COUNT),
            "of_count": Column("Of", **COUNT, help="Chats, or visits"),
        },
        key="table_visits",
        alt="Prompts per chat and visit, chats per visit, visits per chat",
        small="of_count",
    )
