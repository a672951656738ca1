"""Cards: a value, its change against the previous period, and the series behind it.

They are HTML, with the series as a picture: the chart library of Streamlit's own cards is half
a megabyte, and warns in the console. Never computes a metric.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import streamlit as st

from pages.ui import drill_metrics, format
from pages.ui.frame import Page
from pages.ui.sections import definition, how
from pages.ui.theme import css_colors, palette
from warehouse.metrics.registry import BY_NAME, CARDS

if TYPE_CHECKING:
    import polars as pl

# The picture's own units; style.css stretches it to the card.
SPARK_WIDTH, SPARK_HEIGHT = 240, 36


@dataclass(frozen=True)
class Card:
    """One number. `tone` of its change is good, bad or neither; `numbers` are the two compared."""

    label: str
    value: str
    help: str | None = None
    change: str = ""
    tone: str = ""
    numbers: str = ""
    series: Sequence[float | None] = ()
    # Where the value leads, and in words.
    link: str = ""
    leads_to: str = ""


def draw(cards: Sequence[Card]) -> None:
    """Cards side by side; two abreast on a narrow screen, without a hole."""
    body = "".join(_card(card) for card in cards)
    st.html(
        f'<div class="dwell-cards" style="--dwell-count:{len(cards)};{css_colors()}">{body}</div>'
    )


def headline(changes: pl.DataFrame, daily: pl.DataFrame, page: Page) -> None:
    """The registry's cards, from the frames of overview.change and overview.daily."""
    rows = {row["metric"]: row for row in changes.iter_rows(named=True)}
    # The running day would look like a fall.
    whole = daily.filter(daily["is_complete"])
    series = whole if whole.height > 1 else daily
    draw(
        [
            replace(
                of_metric(rows[name], series[name].to_list()),
                link=drill_metrics.address(name, page.choice),
                leads_to=drill_metrics.words(name),
            )
            for name in CARDS
        ]
    )
    with st.container(
        key="head_cards",
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
    ):
        st.caption(comparison(next(iter(rows.values())), page.first_day), width="content")
        how(CARDS, "overview.totals", page.filters, key="cards")


def of_metric(row: dict[str, Any], series: Sequence[float | None]) -> Card:
    """The card of one row of overview.change."""
    metric = BY_NAME[row["metric"]]
    write = format.WRITERS[metric.unit]
    # A comparison with fewer days would tell of the data, not of the product.
    text = format.change(row["change"], row["change_kind"]) if row["is_covered"] else None
    words, tone = verdict(text, row["change"], row["better"])
    return Card(
        metric.label,
        write(row["value"]),
        help=definition(row["metric"]),
        change=words,
        tone=tone,
        numbers=f"{write(row['current'])} against {write(row['previous'])}" if words else "",
        series=series,
    )


def verdict(text: str | None, change: float | None, better: int) -> tuple[str, str]:
    """The change with its arrow, and its tone: good, bad, or nothing where neither is."""
    if text is None or change is None:
        return "", ""
    if text[0] not in "+-":
        return text, ""
    arrow = "\u2191" if change > 0 else "\u2193"
    good = better * change
    return f"{arrow} {text[1:]}", "good" if good > 0 else "bad" if good < 0 else ""


def comparison(row: dict[str, Any], first_day: date) -> str:
    """What the changes compare, or why there are none."""
    if row["current_start"] is None:
        return "Nothing to compare yet: the period holds no complete day."
    now = format.days(row["current_start"], row["current_end"])
    before = format.days(row["previous_start"], row["previous_end"])
    if not row["is_covered"]:
        return f"Nothing to compare: the data begins {format.day(first_day)}."
    if not row["previous"]:
        return f"Nothing to compare: no sessions from {before}."
    return f"Change: {now} against {before}, complete days and the same weekdays."


def _card(card: Card) -> str:
    about = _tip("?", card.help, f"What is {card.label}?", "dwell-about") if card.help else ""
    change = ""
    if card.change:
        tone = f"dwell-change dwell-{card.tone or 'neither'}"
        change = _tip(escape(card.change), card.numbers, f"{card.change}: {card.numbers}", tone)
    value = escape(card.value)
    if card.link:
        hint = escape(card.leads_to)
        value = (
            f'<a class="dwell-link" href="{escape(card.link)}" title="{hint}" '
            f'aria-label="{value}: {hint}">{value}</a>'
        )
    return (
        f'<div class="dwell-card"><div class="dwell-label">{escape(card.label)}</div>{about}'
        f'<div class="dwell-value">{value}</div>{change}{spark(card.series)}</div>'
    )


def _tip(shown: str, text: str, name: str, kind: str) -> str:
    """Something with a text that hover, focus and touch bring up, within its card."""
    return (
        f'<span class="dwell-tip {kind}" tabindex="0" aria-label="{escape(name)}">{shown}</span>'
        f'<span class="dwell-tip-text" role="tooltip">{escape(text)}</span>'
    )


def spark(series: Sequence[float | None]) -> str:
    """A series as a small picture from zero; what is not known is left out of the line."""
    known = [(at, value) for at, value in enumerate(series) if value is not None]
    top = max((value for _, value in known), default=0)
    if len(known) < 2 or top <= 0:
        return ""
    step = SPARK_WIDTH / (len(series) - 1)
    # Half a line's width off the edges, so that neither is cut.
    room = SPARK_HEIGHT - 3
    line = " ".join(f"{at * step:.1f},{1.5 + room * (1 - value / top):.1f}" for at, value in known)
    first, last = known[0][0] * step, known[-1][0] * step
    area = f"{first:.1f},{SPARK_HEIGHT} {line} {last:.1f},{SPARK_HEIGHT}"
    color = palette().series[0]
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SPARK_WIDTH} {SPARK_HEIGHT}" '
        f'preserveAspectRatio="none"><polygon points="{area}" fill="{color}" opacity=".1"/>'
        f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="1.6" '
        'stroke-linejoin="round" vector-effect="non-scaling-stroke"/></svg>'
    )
    return f'<img class="dwell-spark" alt="" src="data:image/svg+xml,{quote(picture)}">'
