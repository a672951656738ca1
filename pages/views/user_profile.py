"""One user: profile, timeline, sessions and events. Never computes a metric."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import cards, charts, format, sections
from pages.ui.ask import ask
from pages.ui.cards import Card
from pages.ui.controls import clicked, day_picker, go, href, pages_of, parameter
from pages.ui.frame import Page
from pages.ui.ordering import order_of
from pages.ui.tables import COUNT, SPAN, Column
from pages.ui.tables import show as show_table
from pages.views import session_events, user_timeline
from warehouse.metrics import data, registry, users

if TYPE_CHECKING:
    import polars as pl

# Columns of the user that are no metrics, in words; the others are called as in the registry.
_COUNTS = {"active_day_count": "Active days", "action_count": "Actions", "error_count": "Errors"}
FACTS = (
    *("session_count", "active_day_count", "median_duration_seconds", "avg_duration_seconds"),
    *("action_count", "error_count"),
)
# What the address says of one user, and of no other.
OWN_PARAMETERS = ("user", "session", "day", "part", "sort_session", "order_session")
SESSIONS_SHOWN = 200
SESSION_ORDERS = (
    *("start_time", "duration_seconds", "action_count", "error_count"),
    *("session_type", "exit_reason"),
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
    sessions = ask(users.sessions, user_id)
    _facts(page, profile.row(0, named=True))
    chosen = _chosen_session(sessions)
    _timeline(page, sessions, chosen)
    left, right = st.columns(2, gap="medium")
    with left:
        _sessions(page, sessions, chosen)
    with right:
        session_events.show(page, sessions.row(by_predicate=_is(chosen), named=True))


def _is(session_id: str) -> Any:
    import polars as pl

    return pl.col("session_id") == session_id


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
    st.markdown(
        f"{kind.capitalize()} \u00b7 first seen **{page.clock(row['first_event_time'])}** "
        f"\u00b7 last seen **{page.clock(row['last_event_time'])}** \u00b7 {evidence(row)}"
    )
    meanings = dict(ask(data.columns, "users").iter_rows())
    cards.draw([_fact(column, row[column], meanings.get(column)) for column in FACTS])
    st.caption("All of this user's history, whatever the filters are.")


def _fact(column: str, value: Any, meaning: str | None) -> Card:
    metric = registry.BY_NAME.get(column)
    # A sixth of the page is too narrow for the whole label.
    label = metric.heading if metric else _COUNTS[column]
    write = format.WRITERS[metric.unit if metric else "count"]
    return Card(label, write(value), help=meaning)


def evidence(row: dict[str, Any]) -> str:
    """The user's pattern, and the figures that it was told by."""
    looked_at = row["pattern_session_count"]
    if not looked_at:
        return f"pattern: **{format.named(row['pattern'])}** (no closed session yet)"
    return (
        f"pattern: **{format.named(row['pattern'])}** (newest "
        f"{format.plural(looked_at, 'closed session')}: "
        f"{format.duration(row['pattern_avg_duration_seconds'])} and "
        f"{format.number(row['pattern_avg_actions'])} actions on average, "
        f"{format.plural(row['newest_session_errors'], 'error')} in the newest)"
    )


def _chosen_session(sessions: pl.DataFrame) -> str:
    asked = parameter("session")
    known: list[str] = sessions["session_id"].to_list()
    if asked and asked not in known:
        st.warning(f"This user has no session '{format.plain(asked)}': the newest one is open.")
    return asked if asked and asked in known else known[0]


def _timeline(page: Page, sessions: pl.DataFrame, chosen: str) -> None:
    opened = sessions.row(by_predicate=_is(chosen), named=True)
    anchor = format.local(opened["start_time"], page.zone).date()
    newest = format.local(max(sessions["end_time"]), page.zone).date()
    default = min(newest, max(anchor, newest if parameter("session") is None else anchor))
    oldest = format.local(min(sessions["start_time"]), page.zone).date()
    first, last = _window(default, oldest, newest)
    _strip(page, sessions, first, last)
    shown = user_timeline.between(sessions, page.zone, first, last)
    if shown.height:
        st.html(user_timeline.legend(shown, sessions, "session_type"))
    st.plotly_chart(
        user_timeline.lanes(sessions, page.zone, first, last, "session_type", chosen),
        key="lanes",
        on_select=lambda: clicked("lanes", lambda session: go(session=session)),
        selection_mode="points",
        theme=None,
        config=charts.CONFIG,
        alt="One lane per day; each session a bar from its start to its end",
    )


def _window(default: date, oldest: date, newest: date) -> tuple[date, date]:
    """The two weeks that a reader looks at, with the controls to move them."""
    with st.container(
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
        key="head_timeline",
    ):
        place = st.container(width="content")
        with st.container(
            horizontal=True,
            width="content",
            vertical_alignment="center",
            key="tools_timeline",
        ):
            last = day_picker("Two weeks up to", "day", default, oldest, newest)
            for label, step in (("Earlier", -user_timeline.LANES), ("Later", user_timeline.LANES)):
                moved = min(max(last + timedelta(days=step), oldest), newest)
                st.button(
                    label,
                    type="tertiary",
                    key=f"move_{label}",
                    disabled=moved == last,
                    on_click=go,
                    kwargs={"day": moved.isoformat()},
                )
    first = last - timedelta(days=user_timeline.LANES - 1)
    place.subheader(f"Timeline, {format.days(first, last)}", anchor=False)
    return first, last


def _strip(page: Page, sessions: pl.DataFrame, first: date, last: date) -> None:
    st.plotly_chart(
        user_timeline.calendar(sessions, page.zone, first, last),
        key="calendar",
        theme=None,
        config=charts.CONFIG,
        alt="Sessions per day over the user's whole history; the two weeks below in colour",
    )


def _sessions(page: Page, sessions: pl.DataFrame, chosen: str) -> None:
    import polars as pl

    sections.head(
        format.plural(sessions.height, "session"),
        key="sessions",
        page=page,
        metrics=("session_count", "median_duration_seconds", "bounce_rate"),
        query="users.sessions",
        frame=lambda: sessions,
        file="dwell_sessions_of_user",
    )
    order = order_of(SESSION_ORDERS, "start_time", "session", paged_by="part")
    ordered = order.applied(
        sessions.with_columns(pl.col("exit_reason").fill_null("still open")),
    )
    place = st.container()
    at = pages_of(ordered.height, SESSIONS_SHOWN, "part")
    with place:
        show_table(
            ordered.slice(at * SESSIONS_SHOWN, SESSIONS_SHOWN),
            {
                "start_time": Column("Start", write=page.clock),
                "duration_seconds": Column("Duration", **SPAN),
                "action_count": Column("Actions", **COUNT),
                "error_count": Column("Errors", **COUNT),
                "session_type": Column("Type", write=format.named),
                "exit_reason": Column("Ended by", wide=True),
            },
            key="table_sessions",
            alt="Sessions of this user",
            mark=lambda row: charts.highlight() if row["session_id"] == chosen else None,
            link=lambda row: href(session=row["session_id"]),
            order=order,
            height=520,
        )
    st.caption("A row opens its events.")
