"""One user: who it is, the whole history, and what stands beside it. Never computes a metric."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import cards, drill, format
from pages.ui.ask import Question, ask, question
from pages.ui.cards import Card
from pages.ui.controls import day_picker, go, href, parameter, pick
from pages.ui.frame import Page
from pages.views import user_calendar, user_facts, user_sessions, user_timeline
from pages.views.user_window import MOST_SESSIONS, Window, window
from warehouse import Filters
from warehouse.filters import parse_day
from warehouse.metrics import data, registry, users

if TYPE_CHECKING:
    from datetime import date

    import polars as pl

# Columns of the user that are no metrics, in words; the others are called as in the registry.
_COUNTS = {"active_day_count": "Active days", "action_count": "Actions", "error_count": "Errors"}
FACTS = (
    *("session_count", "active_day_count", "median_duration_seconds", "avg_duration_seconds"),
    *("action_count", "error_count"),
)
# What the address says of one user, and of no other.
OWN_PARAMETERS = ("user", "session", "day", "event", "part", "sort_session", "order_session")
EVERYBODY = Filters(include_bots=True)


def asks(user_id: str, page: Page) -> tuple[Question, ...]:
    """What the page is sure to ask."""
    return (
        question(users.profile, user_id),
        question(users.event_types, user_id),
        question(users.days, user_id, event=parameter("event") or None),
        question(data.values, EVERYBODY, "session_type"),
        user_facts.standing(user_id, is_bot=False),
    )


def show(page: Page, user_id: str) -> None:
    """Everything of one user, over all time: the period of the filters does not apply."""
    profile = ask(users.profile, user_id)
    _title(user_id)
    if profile.is_empty():
        st.info(
            f"No user '{format.plain(user_id)}' in build {page.build}. The id may be mistyped, or "
            "from another build: search for a part of it in the list of users."
        )
        return
    row = profile.row(0, named=True)
    _facts(page, row)
    event = _history(page, user_id)
    left, right = st.columns(2, gap="medium")
    with left:
        user_sessions.listing(page, user_id, event, parameter("session"))
        user_facts.unfinished(page, user_id)
    with right:
        user_facts.beside(page, row)


def _title(user_id: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="head_user"):
        st.button(
            "All users",
            icon=":material/arrow_back:",
            on_click=go,
            kwargs=dict.fromkeys(OWN_PARAMETERS),
            key="all_users",
        )
        st.subheader(format.plain(user_id), anchor=False, width="content")


def _facts(page: Page, row: dict[str, Any]) -> None:
    """Who it is in one line, the pattern with its evidence, and the figures."""
    kind = "anonymous user" if row["is_anonymous"] else "user"
    if row["is_bot"]:
        kind = "bot"
    parts = [
        kind.capitalize(),
        f"first seen **{page.clock(row['first_event_time'])}**",
        f"last seen **{page.clock(row['last_event_time'])}**",
        *models(row),
        evidence(row),
    ]
    st.markdown(" \u00b7 ".join(parts))
    meanings = dict(ask(data.columns, "users").iter_rows())
    cards.draw([_fact(column, row[column], meanings.get(column)) for column in FACTS])
    st.caption("All of this user's history, whatever the filters are.")


def _fact(column: str, value: Any, meaning: str | None) -> Card:
    metric = registry.BY_NAME.get(column)
    # A sixth of the page is too narrow for the whole label.
    label = metric.heading if metric else _COUNTS[column]
    write = format.WRITERS[metric.unit if metric else "count"]
    return Card(label, write(value), help=meaning)


def models(row: dict[str, Any]) -> list[str]:
    """The first model group and the last, as one part of a line; nothing when none was told."""
    first, last = row["first_model_group"], row["model_group"]
    if first is None or first == last:
        return [f"model group **{format.plain(last)}**"] if last else []
    return [f"model group first **{format.plain(first)}**, last **{format.plain(last)}**"]


def evidence(row: dict[str, Any]) -> str:
    """The user's pattern, and the figures that it was told by."""
    return f"pattern: **{format.named(row['pattern'])}** ({reasons(row)})"


def reasons(row: dict[str, Any]) -> str:
    """The figures that a user's pattern was told by."""
    looked_at = row["pattern_session_count"]
    if not looked_at:
        return "no closed session yet"
    return (
        f"newest {format.plural(looked_at, 'closed session')}: "
        f"{format.duration(row['pattern_avg_duration_seconds'])} and "
        f"{format.number(row['pattern_avg_actions'])} actions on average, "
        f"{format.plural(row['newest_session_errors'], 'error')} in the newest"
    )


def _history(page: Page, user_id: str) -> str | None:
    """The calendar and the timeline, which move together; the event type that is looked for."""
    event = _event(user_id)
    days = ask(users.days, user_id, event=event)
    if days.is_empty():
        _without_sessions(event)
        return event
    dates, counts = days["date"].to_list(), days["session_count"].to_list()
    chosen = _chosen(user_id)
    seen = window(dates, counts, _wanted(), chosen["start_date"] if chosen else None)
    _calendar(days, seen)
    _timeline(page, user_id, event, seen, dates, chosen["session_id"] if chosen else None)
    return event


def _event(user_id: str) -> str | None:
    """The event type that the address asks for; None when this user has none of it."""
    event = parameter("event")
    known = ask(users.event_types, user_id)["event_type"].to_list()
    return event if event in known else None


def _without_sessions(event: str | None) -> None:
    words = f" with the event '{format.plain(event)}'" if event else ""
    st.info(f"No session{words} is left of this user: sessions before a prune are gone.")


def _wanted() -> date | None:
    try:
        return parse_day(parameter("day") or "")
    except ValueError:
        return None


def _chosen(user_id: str) -> dict[str, Any] | None:
    """The session that the address asks for."""
    asked = parameter("session")
    if not asked:
        return None
    found = ask(users.sessions, user_id, session_id=asked)
    if found.is_empty():
        st.warning(f"This user has no session '{format.plain(asked)}': the newest days are shown.")
        return None
    return found.row(0, named=True)


def _calendar(days: pl.DataFrame, seen: Window) -> None:
    of_day = {row["date"]: row for row in days.iter_rows(named=True)}
    with st.container(key="calendar"):
        st.html(
            user_calendar.years(
                of_day,
                seen.days,
                lambda day: href(day=day.isoformat(), session=None),
            )
            + user_calendar.scale(of_day)
        )


def _timeline(
    page: Page,
    user_id: str,
    event: str | None,
    seen: Window,
    dates: list[date],
    chosen: str | None,
) -> None:
    _head(user_id, seen, dates)
    kept = Filters(start=seen.first, end=seen.last, include_bots=True)
    sessions = ask(users.sessions, user_id, kept, event=event, limit=2 * MOST_SESSIONS)
    marks = ask(users.event_marks, user_id, seen.first, seen.last, event, limit=2 * MOST_SESSIONS)
    types = ask(data.values, EVERYBODY, "session_type")["value"].to_list()
    # Where there are very many, this user's may not be among them.
    color_of = user_timeline.colors([*types, *sessions["session_type"].unique().sort()])
    with st.container(key="lanes"):
        st.html(
            user_timeline.legend(sessions["session_type"].to_list(), color_of)
            + user_timeline.lanes(
                sessions,
                marks,
                seen.days,
                page.zone,
                lambda row: drill.to(drill.SESSIONS, page.choice, session=row["session_id"]),
                color_of,
                chosen,
            )
        )
    more = ""
    if sessions.height == 2 * MOST_SESSIONS:
        more = f" Of so many sessions the newest {sessions.height} are drawn; the list has all."
    emphasis = "thick lines the chosen events" if event else "red ones errors"
    st.caption(
        f"A bar opens its session. Its length is the session's, lines are events, {emphasis}; "
        "a short session has a pale mark around it. Days and hours without sessions are "
        f"folded.{more} Times in {page.zone}."
    )


def _head(user_id: str, seen: Window, dates: list[date]) -> None:
    """The name of the timeline, with the controls that move and narrow it."""
    types = ask(users.event_types, user_id)
    options = {"": "All events"} | {
        name: f"{name}, {format.plural(count, 'session')}" for name, count in types.iter_rows()
    }
    with st.container(
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
        key="head_timeline",
    ):
        st.subheader(f"Timeline, {format.days(seen.first, seen.last)}", anchor=False)
        with st.container(
            horizontal=True,
            width="content",
            vertical_alignment="center",
            key="tools_timeline",
        ):
            pick("Sessions with an event", "event", options, "")
            day_picker("Days up to", "day", seen.last, dates[0], dates[-1])
            for label, day in (("Earlier", seen.earlier), ("Later", seen.later)):
                st.button(
                    label,
                    type="tertiary",
                    key=f"move_{label}",
                    disabled=day is None,
                    on_click=go,
                    kwargs={"day": day.isoformat() if day else None, "session": None},
                )
