"""Tabs as links: the open one is part of the address, and Back goes back."""

from __future__ import annotations

from collections.abc import Mapping

from pages.ui.breakdowns import link
from pages.ui.controls import href
from pages.ui.theme import css_colors


def tabs(name: str, labels: Mapping[str, str], shown: str, **leaves: None) -> str:
    """The tabs in HTML: the first stands in no address. `leaves` are parameters that a tab's own
    link takes out.
    """
    first = next(iter(labels))
    links = (
        link(label, href(**{name: None if key == first else key}, **leaves), is_open=key == shown)
        for key, label in labels.items()
    )
    return f'<nav class="dwell-tabs" style="{css_colors()}">{"".join(links)}</nav>'
