"""What the lab is asked: which values a setting could have, and the lines that adopt one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import streamlit as st

from pages.ui import header
from pages.ui.ask import current_warehouse
from pages.ui.controls import parameter, type_or_pick
from warehouse.metrics import lab

NONE = ""


def own_seconds(setting: str) -> float:
    """The value of a setting of time in this build."""
    value: timedelta = current_warehouse().setting(setting)
    return value.total_seconds()


def wanted(name: str) -> float | None:
    """The number that is chosen in the address under `name`; None when none, or no such number."""
    try:
        number = float((parameter(name) or "").replace(",", "."))
    except ValueError:
        return None
    # Below a millisecond a setting has no words.
    return number if 0.001 <= number <= lab.MOST_SECONDS / 60 else None


def options(usual: Sequence[float], own: float, name: str) -> tuple[float, ...]:
    """What the lab compares: the usual values, the build's own, and the chosen one."""
    chosen = wanted(name)
    return tuple(sorted({*map(float, usual), own, *([chosen] if chosen else [])}))


def minutes() -> tuple[float, ...]:
    """The timeouts that are compared, in minutes."""
    return options(lab.MINUTES, own_seconds("timeout") / 60, "lab_timeout")


def toml_line(setting: str, seconds: float) -> str:
    """The line of dwell.toml that gives a setting this value."""
    units = (("h", 3600), ("min", 60), ("s", 1))
    whole = ((unit, seconds / size) for unit, size in units if seconds % size == 0)
    unit, number = next(whole, ("ms", seconds * 1000))
    return f'{setting} = "{number:.0f} {unit}"'


def adopt(
    setting: str, label: str, name: str, offered: Sequence[float], seconds_each: float
) -> None:
    """A box to choose another value, and what makes it the build's."""
    texts = [f"{each:g}" for each in offered]
    with st.container(key=f"adopt_{setting}", horizontal=True, vertical_alignment="center"):
        text = type_or_pick(label, name, [NONE, *texts], NONE)
        value = wanted(name)
        if text and value is None:
            header.tell_ignored([f"{label}: '{text}' is no number of 0.001 or more."])
        if value is None:
            st.caption(f"{label}: choose or type one to see how to adopt it.", width="stretch")
            return
        if abs(value * seconds_each - own_seconds(setting)) < 1e-6:
            st.caption(f"{label}: this build was made with that.", width="stretch")
            return
        st.caption(
            f"{label}. To adopt it, put this into dwell.toml, above its first \\[section\\], "
            "and build anew:",
            width="stretch",
        )
    st.code(f"{toml_line(setting, value * seconds_each)}\n", language="toml")
    st.code("dwell build --full", language="sh")
