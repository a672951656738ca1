"""What fires, above the numbers: the data's faults first, each with a way to its day.

Never computes a metric.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui.ask import Question, answer, current_warehouse, question
from pages.ui.controls import href
from pages.ui.frame import Page
from pages.ui.header import HISTORY_AFTER, utc_now
from pages.ui.theme import css_colors
from warehouse import DwellError, Warehouse, alerts, current_build

if TYPE_CHECKING:
    import polars as pl

# What is below them would be off the screen.
MOST = 3


def asked() -> Question:
    """What the strip asks for: anew with each build, and with what dwell.toml asks.

    What is true of now alone, such as the age of the data, is looked at once an hour.
    """
    home = current_warehouse().home
    try:
        told = alerts.asked(home)
    except DwellError as error:
        told = str(error)
    return question(standing_now, f"{utc_now():%Y-%m-%d %H}", current_build(home), told)


def standing_now(wh: Warehouse, hour: str, newest: int, told: str) -> pl.DataFrame:
    """What is on, or in its place why that is not known."""
    import polars as pl

    try:
        return alerts.standing(wh)
    except DwellError as error:
        row = {
            "alert": "alerts",
            "severity": "warning",
            "label": "Alerts",
            "line": f"Alerts cannot be judged: {str(error).rstrip('.')}",
            "address": "data_health",
        }
        return pl.DataFrame([row], alerts.nothing().schema)


def draw(page: Page) -> None:
    """The strip; nothing where nothing is on."""
    rows = answer(asked()).to_dicts()
    if utc_now() - page.as_of >= HISTORY_AFTER:
        # History is no fault of a load.
        rows = [row for row in rows if row["alert"] != "nothing_loaded"]
    if not rows:
        return
    on = [row for row in rows if not row["held_back_by"]]
    lines = [_line(row) for row in on[:MOST]]
    rest = [f"{len(on) - MOST} more"] if len(on) > MOST else []
    if held := [row for row in rows if row["held_back_by"]]:
        names = ", ".join(dict.fromkeys(row["label"] for row in held))
        rest.append(f"held back: {names}, because {held[0]['held_back_by']}")
    if rest:
        lines.append(_item("", "; ".join(rest), "data_health"))
    grave = " data-grave" if any(row["severity"] == "alarm" for row in on) else ""
    st.html(
        f'<ul class="dwell-alerts"{grave} style="{css_colors()}" role="status" '
        f'aria-label="Alerts">{"".join(lines)}</ul>'
    )


def _line(row: dict[str, Any]) -> str:
    return _item("Alarm" if row["severity"] == "alarm" else "Warning", row["line"], row["address"])


def _item(word: str, text: str, address: str) -> str:
    """One line, with a way to its day, or to Data health under the filters of this page."""
    is_day = address.startswith("?")
    where, said = (address, "See the day") if is_day else (address + href(), "Data health")
    begin = f"<b>{word}.</b> " if word else ""
    text = text if word else text[0].upper() + text[1:]
    return f'<li>{begin}{escape(text)}. <a href="{escape(where)}">{said}</a></li>'
