"""Feedback on answers as bars in HTML: up, neutral, down, and how many gave none. Asks nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from pages.ui import format
from pages.ui.chat_cards import ends_of
from pages.ui.html_table import SMALL
from pages.ui.theme import css_colors

PARTS = {
    "up_rate": ("up", "good"),
    "neutral_rate": ("neutral", "even"),
    "down_rate": ("down", "bad"),
}


def bars(groups: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    """A bar a group, whose hatched rest is the answers without feedback."""
    body = "".join(_bar(name, row) for name, row in groups)
    return f'<div class="dwell-feedback" style="{css_colors()}">{body}</div>'


def _bar(name: str, row: Mapping[str, Any]) -> str:
    few = " dwell-few" if row["response_count"] < SMALL else ""
    head = (
        f"<h4>{escape(name)} <small>{format.plural(row['response_count'], 'answer')}</small></h4>"
    )
    if row["feedback_rate"] is None:
        return f'<section class="{few}">{head}<p>All are in open sessions.</p></section>'
    told = "".join(
        f'<span class="dwell-{tone}"><b>{format.share(row[rate])}</b> {label}</span>'
        for rate, (label, tone) in PARTS.items()
    )
    none = f"<span><b>{format.share(1 - row['feedback_rate'])}</b> gave none</span>"
    filled = "".join(
        f'<i class="dwell-{tone}" style="flex-basis:{row[rate] * 100:.2f}%"></i>'
        for rate, (_, tone) in PARTS.items()
    )
    positive = ""
    if row["positive_rate"] is not None:
        positive = (
            f"<p>Of those who said up or down <b>{format.share(row['positive_rate'])}</b> said up "
            f"<span>(95 %: {ends_of(row, 'positive_rate')})</span></p>"
        )
    return (
        f'<section class="{few}">{head}<div class="dwell-stack" aria-hidden="true">{filled}</div>'
        f'<div class="dwell-parts">{told}{none}</div>{positive}</section>'
    )
