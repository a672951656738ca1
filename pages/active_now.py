"""Active now: who is in a session, as of the newest event loaded, or taken by the collector."""

import streamlit as st

from pages.ui import login
from pages.ui.frame import open_page
from pages.views import active_now

page = open_page("Active now", dated=False, newest=True)
every = active_now.refresh_every()


@st.fragment(run_every=every)
def watch() -> None:
    """The part of the page that looks again by itself."""
    login.look_again()
    active_now.rerun_on_new_build(page)
    now, seen = active_now.look(page)
    active_now.state(now, every, seen)
    active_now.tiers(now, seen)
    active_now.last_hours(now, seen)
    active_now.open_sessions(now, seen)


watch()
