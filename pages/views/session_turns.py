"""The turns of a session's chats: prompt, answer, and what was done with it.

Typed texts are shown when they are switched on. Never computes a metric.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import drill, format, sections, ways
from pages.ui.ask import ask, ask_once, current_warehouse
from pages.ui.controls import pages_of
from pages.ui.frame import Page
from pages.ui.tables import Column
from pages.ui.tables import show as show_table
from pages.ui.theme import palette
from pages.views.session_event_list import href_of
from warehouse.metrics import sessions
from warehouse.query import has_table
from warehouse.typed_texts import TEXT_WORDS

if TYPE_CHECKING:
    import polars as pl

SAYS = (
    "A row is a prompt with the answer to it. What is done belongs to the answer before it, up "
    "to the chat's next prompt. Latency is as told, else from prompt to answer. Rephrased: the "
    "next prompt came within 20 s, and the answer was neither copied nor selected from."
)
SIZE = 200
# More are found in the list of chats.
MOST_CHATS = 8
TEXTS = ("prompt_text", "response_text")
ACTS = {"is_copied": "copied", "is_selected": "selected", "is_citation_opened": "citation opened"}


def are_told() -> bool:
    """Whether the build tells turns: one of an earlier Dwell has no table of them."""
    return has_table(current_warehouse(), "chat_turns")


def of(session_id: str) -> pl.DataFrame:
    """The turns of a session, without what was typed; none where the build does not tell them."""
    import polars as pl

    return ask(sessions.turns, session_id) if are_told() else pl.DataFrame()


def show(page: Page, session: dict[str, Any], *, with_texts: bool) -> None:
    """The turns, if the session has any, a page of them at a time."""
    if not are_told():
        if session["query_count"]:
            st.caption("Turns of chats are told from the next build on: run 'dwell build'.")
        return
    every = of(session["session_id"])
    if every.is_empty():
        return
    start = format.local(session["start_time"], page.zone)
    sections.head(
        format.plural(every.height, "chat turn"),
        key="turns",
        page=page,
        query="sessions.turns",
        parts={"words": tuple(TEXT_WORDS.items())},
        says=SAYS,
        frame=lambda: _file(session["session_id"], with_texts=with_texts),
        file=f"dwell_turns_{start:%Y-%m-%d_%H%M}",
    )
    place = st.container()
    at = pages_of(every.height, SIZE, "turns")
    frame = ask(
        sessions.turns,
        session["session_id"],
        show_texts=with_texts,
        limit=SIZE,
        offset=at * SIZE,
    )
    with place:
        show_table(
            written(frame, page, chats_of(every), with_texts=with_texts),
            columns(with_texts=with_texts),
            key="table_turns",
            alt="Turns of the chats of this session",
            mark=_mark,
            link=lambda row: href_of(row["event_number"]),
            height=460,
        )
        st.html(ways.line(conversations(page, session, every), "As a conversation"))


def conversations(page: Page, session: dict[str, Any], turns: pl.DataFrame) -> dict[str, str]:
    """The ways to the first chats of a session, each with all its visits."""
    return {
        f"Chat {number}" if chat else "Chat without an id": drill.to(
            "llm_chat",
            page.choice,
            **(
                {"chat": chat, "user": session["user_id"]}
                if chat
                else {"session": session["session_id"]}
            ),
        )
        for chat, number in list(chats_of(turns).items())[:MOST_CHATS]
    }


def _file(session_id: str, *, with_texts: bool) -> pl.DataFrame:
    frame = ask_once(sessions.turns, session_id, show_texts=with_texts)
    return frame if with_texts else frame.drop(TEXTS)


def chats_of(turns: pl.DataFrame) -> dict[str | None, int]:
    """The chats of a session, numbered in the order in which they began."""
    return {chat: at for at, chat in enumerate(turns["chat_id"].unique(maintain_order=True), 1)}


def columns(*, with_texts: bool) -> dict[str, Column]:
    """What is told of a turn, with or without what was typed."""
    told = {
        "turn": Column("Turn", help="Number of the chat where there are several, and of its turn"),
        "time": Column("Time", help="Of the prompt"),
        "prompt_type": Column("Kind", write=format.named, wide=True),
        "prompt_length": Column(
            "Prompt length", write=format.count, help="Characters of the prompt"
        ),
        "latency": Column("Latency"),
        "model": Column("Model", wide=True),
        "response_length": Column(
            "Answer length", write=format.count, help="Characters of the answer"
        ),
        "used": Column("Then", wraps=True),
        "feedback": Column("Feedback"),
    }
    if with_texts:
        told["prompt_text"] = Column("Prompt's text", wraps=True)
        told["response_text"] = Column("Answer's text", wraps=True)
    return told


def written(
    frame: pl.DataFrame, page: Page, chats: dict[str | None, int], *, with_texts: bool
) -> pl.DataFrame:
    """The turns as they are read; without what was typed unless it is switched on."""
    import polars as pl

    rows = [
        {
            "turn": f"{chats[row['chat_id']]}.{row['turn_number']}"
            if len(chats) > 1
            else str(row["turn_number"]),
            "time": _clock(page, row),
            "latency": _latency(row),
            "used": _used(row),
            "event_number": row["prompt_event_number"] or row["response_event_number"],
            **{name: row[name] for name in ("prompt_type", "prompt_length", "model")},
            **{name: row[name] for name in ("response_length", "feedback", "is_error")},
            **({name: row[name] for name in TEXTS} if with_texts else {}),
        }
        for row in frame.iter_rows(named=True)
    ]
    texts = dict.fromkeys((*TEXTS, "prompt_type", "model", "feedback", "latency"), pl.String)
    return pl.DataFrame(rows, infer_schema_length=None).cast(
        {name: kind for name, kind in texts.items() if name in rows[0]}
    )


def _clock(page: Page, row: dict[str, Any]) -> str:
    return f"{format.local(row['prompt_time'] or row['response_time'], page.zone):%H:%M:%S}"


def _latency(row: dict[str, Any]) -> str | None:
    return None if row["latency_ms"] is None else f"{row['latency_ms'] / 1000:.1f} s"


def _used(row: dict[str, Any]) -> str:
    if row["response_event_number"] is None:
        return "error" if row["is_error"] else "no answer"
    acts = [word for name, word in ACTS.items() if row[name]]
    acts += ["rephrased"] if row["is_rephrased"] else []
    return ", ".join([*acts, *(["error"] if row["is_error"] else [])]) or format.NULL


def _mark(row: dict[str, Any]) -> str | None:
    return palette().bad if row["is_error"] else None
