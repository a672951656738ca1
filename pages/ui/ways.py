"""Where something leads, as a line of links in HTML. Never computes a number."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from pages.ui.theme import css_colors


def line(links: Mapping[str, str], lead: str = "") -> str:
    """Links by their words, behind what they are of."""
    words = "".join(
        f'<a class="dwell-link" href="{escape(address)}">{escape(label)}</a>'
        for label, address in links.items()
    )
    before = f"<b>{escape(lead)}</b>" if lead else ""
    return f'<p class="dwell-ways" style="{css_colors()}">{before}{words}</p>'
