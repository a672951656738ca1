"""The drawn parts of the frame: navigation, title line, end of a page with no data."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NoReturn

import streamlit as st

from pages.ui import format
from pages.ui.address import Choice, encode
from pages.ui.ask import ask
from warehouse import Filters, Warehouse
from warehouse.metrics import health, overview

NAVIGATION = {
    "Answers": (
        ("Overview", "app.py", ":material/monitoring:"),
        ("Engagement", "pages/engagement.py", ":material/timer:"),
    ),
    "Objects": (
        ("Active now", "pages/active_now.py", ":material/sensors:"),
        ("Users", "pages/users.py", ":material/group:"),
    ),
}
OLD_AFTER = timedelta(hours=24)


def navigation(choice: Choice) -> None:
    """The pages in the sidebar; each link takes the filters along."""
    with st.sidebar:
        st.html('<div class="dwell-brand">Dwell</div>')
        for group, links in NAVIGATION.items():
            st.html(f'<div class="dwell-group">{group}</div>')
            for label, file, icon in links:
                st.page_link(
                    file,
                    label=label,
                    icon=icon,
                    width="stretch",
                    query_params=encode(choice),
                )


def title_line(title: str, facts: str = "") -> None:
    """The page's title at the left, the facts of its data at the right."""
    with st.container(
        key="header",
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
    ):
        st.title(title, anchor=False, width="content")
        if facts:
            st.markdown(facts, width="content")


def data_facts(wh: Warehouse, as_of: datetime) -> str:
    """As-of, build, zone, age and failed loads of the data, in one line."""
    statuses = ask(health.loads)["status"].to_list()
    age = f"\u25cf {format.age(as_of, utc_now())} old"
    parts = [
        f"as of **{format.clock(as_of, wh.time_zone)}**",
        f"build {wh.build}",
        wh.time_zone,
        f":orange[{age}]" if utc_now() - as_of > OLD_AFTER else f":gray[{age}]",
    ]
    if failed := statuses.count("failed"):
        parts.append(f":red[\u25cf {format.plural(failed, 'load')} failed]")
    return " \u00b7 ".join(parts)


def bots_chip(filters: Filters, *, dated: bool) -> str:
    """What the chip on bots says: how many sessions are left out, or counted."""
    state = "counted" if filters.include_bots else "left out"
    if not dated:
        return f"bots {state}"
    bots = ask(overview.left_out, filters)["bot_session_count"][0]
    return f"{format.plural(bots, 'bot session')} {state}"


def stop_with(cause: str, todo: str) -> NoReturn:
    """Ends the page with what was met and what to do."""
    st.info(f"{cause}  \n{todo}", icon=":material/info:")
    st.stop()


def utc_now() -> datetime:
    """The clock on the wall, as naive UTC like every time of the warehouse."""
    return datetime.now(UTC).replace(tzinfo=None)
