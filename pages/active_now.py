"""Active now: who is in a session, as of the newest event loaded."""

import streamlit as st

from pages.ui.frame import open_page
from pages.views import active_now

page = open_page("Active now", dated=False, newest=True)
every = active_now.refresh_every()


@st.fragment(run_every=every)
def watch() -> None:
    """The part of the page that looks again by itself."""
    active_now.rerun_on_new_build(page)
    active_now.state(page, every)
    active_now.tiers(page)
    active_now.last_hours(page)
    active_now.open_sessions(page)


watch()
