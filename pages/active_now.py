"""Active now: who is in a session, as of the newest event loaded."""

import streamlit as st

from pages.ui import activity
from pages.ui.frame import (
    open_page,
    open_user_when_picked,
    refresh_every,
    rerun_on_new_build,
)

page = open_page("Active now", dated=False)
every = refresh_every()


@st.fragment(run_every=every)
def watch() -> None:
    """The part of the page that looks again by itself."""
    rerun_on_new_build(page)
    open_user_when_picked(page)
    activity.state(page, every)
    activity.tiers(page)
    activity.last_hours(page)
    activity.open_sessions(page)


watch()
