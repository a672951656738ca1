"""The drawn parts of the frame: navigation, title line, end of a page with no data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from typing import NoReturn

import streamlit as st

from pages.ui import format
from pages.ui.address import Choice, encode, is_of_filters
from pages.ui.ask import ask, current_warehouse
from pages.ui.login import log_out
from pages.ui.visitor import logs_in_here, may_open, visitor
from warehouse import Filters, Warehouse
from warehouse.metrics import health, overview

NAVIGATION = {
    "Answers": (
        ("Overview", "app.py", ":material/monitoring:"),
        ("Engagement", "pages/engagement.py", ":material/timer:"),
        ("Retention", "pages/retention.py", ":material/calendar_month:"),
        ("Funnels", "pages/funnels.py", ":material/filter_alt:"),
        ("Paths", "pages/paths.py", ":material/route:"),
        ("Compare", "pages/compare.py", ":material/experiment:"),
        ("LLM chat", "pages/llm_chat.py", ":material/smart_toy:"),
        ("Breakdowns", "pages/breakdowns.py", ":material/table_rows:"),
    ),
    "Objects": (
        ("Active now", "pages/active_now.py", ":material/sensors:"),
        ("Sessions", "pages/sessions.py", ":material/list:"),
        ("Users", "pages/users.py", ":material/group:"),
    ),
    "Trust": (
        ("Data health", "pages/data_health.py", ":material/check_circle:"),
        ("Definitions", "pages/definitions.py", ":material/notes:"),
        ("SQL", "pages/sql.py", ":material/code_blocks:"),
    ),
}
OLD_AFTER = timedelta(hours=24)
# The popover's height.
_MOST_FAILED = 10
# Data that ended so long ago is history, and no feed that has stopped.
HISTORY_AFTER = timedelta(days=365)


def navigation(choice: Choice) -> None:
    """The pages in the sidebar that the visitor may open; each link takes the filters along."""
    with st.sidebar:
        st.html('<div class="dwell-brand">Dwell</div>')
        for group, links in NAVIGATION.items():
            shown = [link for link in links if may_open(link[0])]
            if not shown:
                continue
            st.html(f'<div class="dwell-group">{group}</div>')
            for label, file, icon in shown:
                st.page_link(
                    file,
                    label=label,
                    icon=icon,
                    width="stretch",
                    query_params=encode(choice),
                )
        who = visitor()
        if who.name:
            roles = ", ".join(sorted(who.roles))
            st.html(f'<div class="dwell-who">{escape(who.name)}: {roles}</div>')
        if logs_in_here():
            log_out()


def title_line(title: str, facts: str = "", chip: Callable[[], None] | None = None) -> None:
    """The page's title at the left, the facts of its data at the right, with a chip behind."""
    with st.container(
        key="header",
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
    ):
        st.title(title, anchor=False, width="content")
        if facts:
            with st.container(
                key="facts", horizontal=True, vertical_alignment="center", width="content"
            ):
                st.markdown(facts, width="content")
                _failed_loads()
                if chip:
                    chip()


def _failed_loads() -> None:
    """How many files failed, which opens what failed, when and why; nothing when none did, and to
    who does not look after them.
    """
    if not may_open("Data health"):
        return
    failed = [row for row in ask(health.loads).iter_rows(named=True) if row["status"] == "failed"]
    if not failed:
        return
    zone = current_warehouse().time_zone
    label = f":red[\u25cf {format.plural(len(failed), 'load')} failed]"
    with st.popover(label, type="tertiary", key="failed_open"):
        for load in failed[:_MOST_FAILED]:
            when = format.clock(load["loaded_at"], zone)
            st.markdown(f"**{format.plain(load['file'])}** \u00b7 {when}")
            st.caption(format.plain(load["message"] or "") or format.NULL)
        if len(failed) > _MOST_FAILED:
            st.caption(f"{len(failed) - _MOST_FAILED} more: `dwell status` tells all.")
        st.page_link(
            "pages/data_health.py",
            label="Data health tells more",
            icon=":material/check_circle:",
            query_params=_filters_of_address(),
        )


def _filters_of_address() -> dict[str, list[str]]:
    """What of the address other pages read too."""
    given = st.query_params
    return {key: given.get_all(key) for key in given if is_of_filters(key)}


def data_facts(wh: Warehouse, as_of: datetime) -> str:
    """As-of, build, zone and age of the data, in one line."""
    age = f"\u25cf {format.age(as_of, utc_now())} old"
    is_late = OLD_AFTER < utc_now() - as_of < HISTORY_AFTER
    parts = [
        f"as of **{format.clock(as_of, wh.time_zone)}**",
        f"build {wh.build}",
        *([f"rows of **{format.plain(wh.scope)}** alone"] if wh.scope else []),
        wh.time_zone,
        f":orange[{age}]" if is_late else f":gray[{age}]",
    ]
    return " \u00b7 ".join(parts)


def bots_chip(filters: Filters, *, dated: bool) -> str:
    """What the chip on bots says: how many sessions are left out, or counted; nothing of none."""
    state = "counted" if filters.include_bots else "left out"
    if not dated:
        return f"bots {state}"
    bots = ask(overview.left_out, filters)["bot_session_count"][0]
    if not bots and not filters.include_bots:
        return ""
    return f"{format.plural(bots, 'bot session')} {state}"


def tell_ignored(ignored: Sequence[str]) -> None:
    """What of the address was not read, and why; nothing where all was."""
    if ignored:
        st.warning(
            "The address was read without some of its parts. " + format.plain(" ".join(ignored))
        )


def stop_with(cause: str, todo: str) -> NoReturn:
    """Ends the page with what was met and what to do."""
    st.info(f"{cause}  \n{todo}", icon=":material/info:")
    st.stop()


def utc_now() -> datetime:
    """The clock on the wall, as naive UTC like every time of the warehouse."""
    return datetime.now(UTC).replace(tzinfo=None)
