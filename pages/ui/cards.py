"""Cards: a value, its change against the previous period, and the series behind it.

They are HTML, with the series as a picture: the chart library of Streamlit's own cards is half
a megabyte, and warns in the console. Never computes a metric.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import streamlit as st

from pages.ui import format, measures
from pages.ui.sections import definition
from pages.ui.theme import css_colors, palette

if TYPE_CHECKING:
    import polars as pl

# The picture's own units; style.css stretches it to the card.
SPARK_WIDTH, SPARK_HEIGHT = 240, 36
# More cards stand in two rows, where the screen is no wide one.
MOST_ABREAST = 6


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
    # Ends of the band of what is normal, of each point of the series.
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()
    # What a reader has to know beside the value: its interval, or its n.
    note: str = ""
    # Where the value leads, and in words.
    link: str = ""
    leads_to: str = ""


def draw(cards: Sequence[Card]) -> None:
    """Cards side by side; two abreast on a narrow screen, without a hole."""
    body = "".join(_card(card) for card in cards)
    rows = -(-len(cards) // MOST_ABREAST)
    st.html(
        f'<div class="dwell-cards" style="--dwell-count:{len(cards)};'
        f'--dwell-abreast:{-(-len(cards) // rows)};{css_colors()}">{body}</div>'
    )


def of_metric(row: dict[str, Any], normal: pl.DataFrame | None = None) -> Card:
    """The card of one row of overview.change, with its line and band of normal.band."""
    metric = measures.metric(row["metric"])
    write = format.WRITERS[metric.unit]
    words, tone = verdict(changed(row), row["difference"], row["better"])
    return Card(
        metric.label,
        write(row["value"]),
        help=definition(row["metric"]),
        change=words,
        tone=tone,
        numbers=f"{write(row['current'])} against {write(row['previous'])}" if words else "",
        series=normal[metric.name].to_list() if normal is not None else (),
        low=normal[f"{metric.name}_low"].to_list() if normal is not None else (),
        high=normal[f"{metric.name}_high"].to_list() if normal is not None else (),
    )


def changed(row: dict[str, Any]) -> str | None:
    """A change as share and as amount: +27.3 %, +5 m 00 s; of rates in points alone."""
    # A comparison with fewer days would tell of the data, not of the product.
    if not row["is_covered"]:
        return None
    metric = measures.metric(row["metric"])
    share = format.change(row["change"], row["change_kind"])
    size = format.amount(row["difference"], metric.unit)
    parts = [size] if metric.unit == "rate" else [share, size]
    return ", ".join(part for part in parts if part) or None


def verdict(text: str | None, difference: float | None, better: int) -> tuple[str, str]:
    """The change with its arrow, and its tone: good, bad, or nothing where neither is."""
    if text is None or difference is None:
        return "", ""
    if text[0] not in "+-":
        return text, ""
    arrow = "\u2197" if difference > 0 else "\u2198"
    good = better * difference
    return f"{arrow} {text}", "good" if good > 0 else "bad" if good < 0 else ""


def _card(card: Card) -> str:
    about = _tip("?", card.help, f"What is {card.label}?", "dwell-about") if card.help else ""
    change = ""
    if card.change:
        tone = f"dwell-change dwell-{card.tone or 'neither'}"
        change = _tip(escape(card.change), card.numbers, f"{card.change}: {card.numbers}", tone)
    note = f'<div class="dwell-ends">{escape(card.note)}</div>' if card.note else ""
    value = escape(card.value)
    if card.link:
        hint = escape(card.leads_to)
        value = (
            f'<a class="dwell-link" href="{escape(card.link)}" title="{hint}" '
            f'aria-label="{value}: {hint}">{value}</a>'
        )
    return (
        f'<div class="dwell-card"><div class="dwell-label">{escape(card.label)}</div>{about}'
        f'<div class="dwell-value">{value}</div>{note}{change}'
        f"{spark(card.series, card.low, card.high)}</div>"
    )


def _tip(shown: str, text: str, name: str, kind: str) -> str:
    """Something with a text that hover, focus and touch bring up, within its card."""
    return (
        f'<span class="dwell-tip {kind}" tabindex="0" aria-label="{escape(name)}">{shown}</span>'
        f'<span class="dwell-tip-text" role="tooltip">{escape(text)}</span>'
    )


def spark(
    series: Sequence[float | None],
    low: Sequence[float | None] = (),
    high: Sequence[float | None] = (),
) -> str:
    """A series as a small picture from zero, before the band of what is normal.

    What is not known is left out of the line.
    """
    top = max((value for value in (*series, *high) if value is not None), default=0)
    known = [(at, value) for at, value in enumerate(series) if value is not None]
    if len(known) < 2 or max(value for _, value in known) <= 0:
        return ""
    look = palette()
    step = SPARK_WIDTH / (len(series) - 1)

    def points(values: Sequence[tuple[int, float | None]]) -> str:
        # Half a line's width off the edges, so that neither is cut.
        room = SPARK_HEIGHT - 3
        return " ".join(
            f"{at * step:.1f},{1.5 + room * (1 - value / top):.1f}"
            for at, value in values
            if value is not None
        )

    line = points(known)
    band = f"{points(list(enumerate(high)))} {points(list(enumerate(low))[::-1])}".strip()
    first, last = known[0][0] * step, known[-1][0] * step
    ground = (
        f'<polygon points="{band}" fill="{look.quiet}" opacity=".22"/>'
        if band
        else f'<polygon points="{first:.1f},{SPARK_HEIGHT} {line} {last:.1f},{SPARK_HEIGHT}" '
        f'fill="{look.series[0]}" opacity=".1"/>'
    )
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SPARK_WIDTH} {SPARK_HEIGHT}" '
        f'preserveAspectRatio="none">{ground}'
        f'<polyline points="{line}" fill="none" stroke="{look.series[0]}" stroke-width="1.6" '
        'stroke-linejoin="round" vector-effect="non-scaling-stroke"/></svg>'
    )
    return f'<img class="dwell-spark" alt="" src="data:image/svg+xml,{quote(picture)}">'
