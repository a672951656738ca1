"""The head of one session: who and when, why it began and ended, and what lies beside it.

Never computes a metric.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import drill, format
from pages.ui.ask import ask
from pages.ui.controls import href
from pages.ui.frame import Page
from pages.ui.theme import css_colors
from warehouse.metrics import data, sessions

if TYPE_CHECKING:
    import polars as pl

# What the address says of the events of one session.
OF_SESSION: dict[str, str | None] = dict.fromkeys(("event", "only", "part", "turns"))
Told = dict[tuple[str, str], str | None]
# Facts that are told where they are known, by the columns of the session, in words.
MORE = {
    "sources": "Source",
    "session_type": "Type",
    "entry_source": "Entry",
    "campaign": "Campaign",
    "experiment_id": "Experiment",
    "model_group": "Model group",
    "tags": "Tags",
    "assets": "Assets",
}
FLAGS = {
    "is_open": "open",
    "is_bounce": "bounce",
    "is_abandoned": "abandoned",
    "is_suspect": "suspect",
    "is_bot": "bot",
}


def head(page: Page, session: dict[str, Any]) -> None:
    """The way back to the list, and which session this is."""
    st.html(way_back())
    st.subheader(
        f"Session {session['session_number']} of {format.plain(session['user_id'])}, "
        f"{page.clock(session['start_time'])}",
        anchor=False,
    )


def way_back() -> str:
    """A link to the list as it was left: its page, its search, and the filters."""
    address = href(session=None, **OF_SESSION)
    return (
        f'<div class="dwell-ways"><a class="dwell-link" href="{escape(address)}">'
        "\u2190 All sessions</a></div>"
    )


def show(page: Page, session: dict[str, Any]) -> None:
    """One line of facts, the sentences, and the sessions before and after."""
    story = ask(sessions.story, session["session_id"])
    st.html(
        f'<div style="{css_colors()}">{_facts(page, session)}{_why(story)}</div>'
        f'<div class="dwell-beside" style="{css_colors()};margin-top:0.8rem">{_beside(story)}</div>'
    )


def _facts(page: Page, session: dict[str, Any]) -> str:
    user = drill.to(drill.USERS, page.choice, user=session["user_id"])
    facts = {
        "User": f'<a class="dwell-link" href="{escape(user)}">{escape(session["user_id"])}</a>',
        "When": escape(_when(page, session)),
        "Duration": format.duration(session["duration_seconds"]),
        "Engaged": format.duration(session["engaged_seconds"]),
        "Events": format.count(session["event_count"]),
        "Actions": format.count(session["action_count"]),
        "Errors": format.count(session["error_count"]),
        "Device": escape(_device(session)),
    }
    for name, label in MORE.items():
        value = session.get(name)
        text = format.listed(value, empty="", most=6) if isinstance(value, list) else value
        if text:
            facts[label] = escape(str(text))
    meanings = dict(ask(data.columns, "user_sessions").iter_rows())
    flags = [
        f'<span title="{escape(meanings.get(name) or "")}">{word}</span>'
        for name, word in FLAGS.items()
        if session[name]
    ]
    if flags:
        facts["Counted as"] = ", ".join(flags)
    rows = "".join(f"<div><dt>{label}</dt><dd>{text}</dd></div>" for label, text in facts.items())
    return f'<dl class="dwell-facts">{rows}</dl>'


def _when(page: Page, session: dict[str, Any]) -> str:
    start, end = (format.local(session[name], page.zone) for name in ("start_time", "end_time"))
    until = f"{end:%H:%M:%S}"
    if end.date() != start.date():
        until = f"{format.day(end.date())} {until}"
    return f"{format.day(start.date())} {start:%H:%M:%S} \u2013 {until} {page.zone}"


def _device(session: dict[str, Any]) -> str:
    software = " on ".join(filter(None, (session["browser"], session["os"])))
    return ", ".join(filter(None, (session["device_type"], software))) or format.NULL


def told(story: pl.DataFrame) -> Told:
    """The story by kind and fact; of several rows the last."""
    return {(kind, fact): value for kind, fact, value in story.iter_rows()}


def _why(story: pl.DataFrame) -> str:
    facts = told(story)
    lines = [facts[("start", "sentence")], facts[("end", "sentence")]]
    sentences = [f"<p>{escape(line)}</p>" for line in lines if line]
    if name := facts.get(("pattern", "name")):
        signs = [value for kind, fact, value in story.iter_rows() if fact == "indicator"]
        sentences.append(
            f"<p>Pattern: {escape(format.named(name))} "
            f"<span>({escape(', '.join(map(str, signs)))})</span></p>"
        )
    return f'<div class="dwell-why">{"".join(sentences)}</div>'


def _beside(story: pl.DataFrame) -> str:
    facts = told(story)
    words = {
        "previous": ("\u2190 Previous session", "before"),
        "next": ("Next session \u2192", "after"),
    }
    cells = []
    for name, (label, side) in words.items():
        other = facts.get(("neighbour", name))
        if other is None:
            ends = {
                "previous": "No session of this user before",
                "next": "No later session of this user",
            }
            cells.append(f"<div>{ends[name]}</div>")
            continue
        pause = float(facts[("neighbour", f"{name}_pause_seconds")] or 0)
        # Sessions that a tracker tells may run at one time.
        gap = f"{format.duration(pause)} {side}" if pause >= 0 else "at the same time"
        address = escape(href(session=other, **OF_SESSION))
        cells.append(
            f'<a class="dwell-link" href="{address}" data-neighbour="{name}"><b>{label}</b> '
            f"&nbsp;{gap}</a>"
        )
    return "".join(cells)
