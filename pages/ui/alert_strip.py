"""What fires, above the numbers: the data's faults first, each with a way to its day.

Never computes a metric.
"""

from __future__ import annotations

import logging
from datetime import date, timedelta
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

import streamlit as st

from pages.ui import visitor
from pages.ui.ask import Question, answer, current_warehouse, question
from pages.ui.controls import href
from pages.ui.frame import Page
from pages.ui.header import HISTORY_AFTER, utc_now
from pages.ui.theme import css_colors
from warehouse import DwellError, Warehouse, alerts, current_build

if TYPE_CHECKING:
    import polars as pl

log = logging.getLogger(__name__)
# What is below them would be off the screen.
MOST = 3
# A day says more at the end of its four weeks.
_WEEKS = timedelta(days=27)


def asked() -> Question:
    """What the strip asks for: anew with each build, with what dwell.toml asks, and with what a
    check noted.

    What is true of now alone, such as the age of the data, is looked at once an hour.
    """
    home = current_warehouse().home
    noted = home / "alerts.json"
    changed = noted.stat().st_mtime_ns if noted.exists() else 0
    try:
        told = alerts.asked(home)
    except Exception as error:
        told = str(error)
    return question(standing_now, f"{utc_now():%Y-%m-%d %H}", current_build(home), told, changed)


def standing_now(wh: Warehouse, hour: str, newest: int, told: str, changed: int) -> pl.DataFrame:
    """What is on, or in its place why that is not known."""
    import polars as pl

    if wh.scope is not None:
        # What fires is of the whole product.
        return alerts.nothing()
    try:
        return alerts.standing(wh)
    except Exception as error:
        # A strip takes no page down.
        if not isinstance(error, DwellError):
            log.exception("alerts cannot be judged")
        # Kept for all who look: as each may read it, it is made when it is drawn.
        why = (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
        row = {
            "alert": "alerts",
            "severity": "warning",
            "label": "Alerts",
            "line": f"Alerts cannot be judged: {why}",
            "address": "data_health",
        }
        return pl.DataFrame([row], alerts.nothing().schema)


def shown(page: Page) -> list[dict[str, Any]]:
    """The rows of alerts.standing that are told on this page."""
    rows = answer(asked()).to_dicts()
    if utc_now() - page.as_of >= HISTORY_AFTER:
        # History is no fault of a load.
        rows = [row for row in rows if row["alert"] != "nothing_loaded"]
    return rows


def draw(page: Page) -> None:
    """The strip; nothing where nothing is on."""
    rows = shown(page)
    if not rows:
        return
    on = [row for row in rows if not row["held_back_by"]]
    lines = [_line(row) for row in on[:MOST]]
    if len(on) > MOST:
        lines.append(_item("", f"{len(on) - MOST} more", "data_health"))
    held = [row for row in rows if row["held_back_by"]]
    for reason in dict.fromkeys(row["held_back_by"] for row in held):
        of_it = (row["label"] for row in held if row["held_back_by"] == reason)
        names = ", ".join(dict.fromkeys(of_it))
        lines.append(_item("", f"Held back: {names}, because {reason}", "data_health"))
    grave = " data-grave" if any(row["severity"] == "alarm" for row in on) else ""
    st.html(
        f'<ul class="dwell-alerts"{grave} style="{css_colors()}" role="status" '
        f'aria-label="Alerts">{"".join(lines)}</ul>'
    )


def _line(row: dict[str, Any]) -> str:
    word = "Alarm" if row["severity"] == "alarm" else "Warning"
    return _item(word, row["line"], row["address"])


def _item(word: str, text: str, address: str) -> str:
    """One line, with a way to its day, or to Data health under the filters of this page."""
    if address.startswith("?"):
        where, said = in_trend(address)
    else:
        where, said = (address + href()).removesuffix("?"), "Data health"
    begin = f"<b>{word}.</b> " if word else ""
    return f'<li>{begin}{escape(visitor.told(text))}. <a href="{escape(where)}">{said}</a></li>'


def in_trend(address: str) -> tuple[str, str]:
    """The address of a day with the four weeks up to it, where it says the metric of the trend, and
    in words; else the day alone.
    """
    pairs = dict(parse_qsl(address.removeprefix("?")))
    if "metric" not in pairs or "to" not in pairs:
        return address, "See the day"
    first = date.fromisoformat(pairs["to"]) - _WEEKS
    weeks = [
        (key, f"{first}" if key == "from" else value)
        for key, value in parse_qsl(address.removeprefix("?"))
    ]
    return f"?{urlencode(weeks)}", "See the weeks up to it"
