"""Tabs as links: the open one is part of the address, and Back goes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pages.ui.breakdowns import link
from pages.ui.controls import href
from pages.ui.theme import css_colors


def tabs(name: str, labels: Mapping[str, str], shown: str, own: Sequence[str] = ()) -> str:
    """The tabs in HTML: the first stands in no address. `own` are parameters that one tab alone
    has, and the others do not know.
    """
    rest = dict.fromkeys(own)
    first = next(iter(labels))
    links = (
        link(
            label,
            href(**{name: None if key == first else key}, **({} if key == shown else rest)),
            is_open=key == shown,
        )
        for key, label in labels.items()
    )
    return f'<nav class="dwell-tabs" style="{css_colors()}">{"".join(links)}</nav>'
