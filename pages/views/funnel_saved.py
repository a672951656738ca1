"""Saved funnels: open one, save the present one, delete one. Never computes a metric."""

from __future__ import annotations

from functools import partial
from typing import Any

from pages.ui import format, saved_list
from pages.ui.ask import current_warehouse
from pages.ui.controls import go
from pages.ui.funnel_asked import FunnelAsked, joined
from warehouse.saved_funnels import OPTIONS, SavedFunnel, delete_funnel, read_funnels, save_funnel


def draw(asked: FunnelAsked) -> None:
    """The button that opens all of them."""
    found, problems = read_funnels(current_warehouse().home)
    saved_list.draw(
        "funnel",
        "funnels_open",
        found.values(),
        problems,
        _row,
        partial(_save, asked),
        empty="No funnel is saved yet. Put one together, and give it a name here.",
        ask="Save this funnel as",
        example="A name, such as From docs to signup",
    )


def address_of(funnel: SavedFunnel) -> dict[str, str | None]:
    """What the address says of a funnel; of what is as usual, nothing."""
    excluded = funnel.options.get("exclude", ())
    return {
        "steps": joined(funnel.steps),
        **{word: funnel.options.get(word) for word in OPTIONS},
        "exclude": joined(excluded) or None,
        **dict.fromkeys(("at", "outcome", "page")),
    }


def _row(funnel: SavedFunnel) -> None:
    saved_list.row(
        "funnel",
        funnel,
        format.plain(joined(funnel.steps)),
        partial(go, **address_of(funnel)),
        partial(delete_funnel, current_warehouse().home, funnel.name) if funnel.is_saved else None,
    )


def _save(asked: FunnelAsked, label: str) -> None:
    options: dict[str, Any] = dict(asked.options)
    if "exclude" in options:
        options["exclude"] = list(options["exclude"])
    save_funnel(current_warehouse().home, label, asked.steps, options)
