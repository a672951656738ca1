"""What a step can be chosen from: what the data holds. Never computes a metric."""

from __future__ import annotations

from collections.abc import Iterable

from etl.errors import nearest
from pages.ui.ask import ask
from pages.ui.frame import Page
from warehouse.metrics import data
from warehouse.steps import Step

GRAMMAR = (
    "An event type, page_view:/docs/\\* for a page, or conditions on what the event tells: "
    "signup\\[plan=pro\\]\\[seats>=3\\]."
)
_PAGES = 10


def offered(page: Page, given: Iterable[str] = ()) -> tuple[str, ...]:
    """Types of events, views of the pages that most sessions begin with, then what is given."""
    types = ask(data.event_types)["event_type"].to_list()
    pages = ask(data.values, page.filters, "entry_page", limit=_PAGES)["value"].to_list()
    # A page rule may name pages /docs/*: it is meant to the letter.
    named = [f"= {value}" if value.endswith("*") else value for value in pages if value]
    views = [f"page_view:{value}" for value in named] if "page_view" in types else []
    return tuple(dict.fromkeys([*types, *views, *given]))


def unknown_types(steps: Iterable[Step]) -> list[str]:
    """A sentence on each type that no event of the build is of: no event is of its steps."""
    types = ask(data.event_types)["event_type"].to_list()
    asked_for = dict.fromkeys(step.event for step in steps if step.event)
    return [
        f"No event here is of the type '{name}'. {nearest(name, types)}".strip()
        for name in asked_for
        if name not in types
    ]
