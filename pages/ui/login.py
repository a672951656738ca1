"""What somebody sees who has not logged in: the way to the provider, and nothing else."""

from __future__ import annotations

import streamlit as st

from pages.ui import format
from pages.ui.visitor import logs_in_here, visitor


def ask_for_login() -> None:
    """Ends the page of who has to log in, or has no role; does nothing for all others."""
    who = visitor()
    if not logs_in_here() or who.roles:
        return
    st.title("Dwell", anchor=False)
    if who.name:
        st.info(format.plain(f"{who.name}: {who.without_roles}"))
        log_out()
    else:
        st.markdown("Log in to see the numbers. A login holds for a while; then it is asked again.")
        st.button("Log in", type="primary", key="log_in", on_click=st.login)
    st.stop()


def look_again() -> None:
    """Draws the page anew where its login has ended: for parts that are drawn by themselves."""
    if logs_in_here() and not visitor().roles:
        st.rerun()


def log_out() -> None:
    """A button that ends the login, here and at the provider."""
    st.button("Log out", type="tertiary", key="log_out", on_click=st.logout)
