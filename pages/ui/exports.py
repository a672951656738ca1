"""What a file of a section tells of its rows. Never computes a metric."""

from __future__ import annotations

from pages.ui.address import Choice, named
from pages.ui.ask import current_warehouse
from pages.ui.filter_row import page_params
from pages.ui.frame import Page
from warehouse.frame_files import Facts, origin
from warehouse.own_sql import RELATIONS


def about(page: Page, title: str) -> Facts:
    """Where the rows of a section come from, in words."""
    own = ", ".join(f"{name}={value}" for name, value in page_params())
    return {
        "Page": f"{page.title}: {title}",
        "Period": _period(page),
        **({"Changes": _changes(page)} if page.is_compared else {}),
        "Filters": _filters(page.choice) if page.filtered else "none",
        **({"Chosen on the page": own} if own else {}),
        **origin(current_warehouse()),
    }


def about_query(page: Page, text: str) -> Facts:
    """Where the rows of a query come from: its text, and which of its tables the filters hold for.

    On one line, as a head of a file has it.
    """
    told = {key: value for key, value in about(page, "SQL").items() if key != "Chosen on the page"}
    query = {"Query": " ".join(text.split())}
    return query | told | {"Filters and period are of": f"{', '.join(RELATIONS)} alone"}


def _period(page: Page) -> str:
    if not (page.dated and page.filtered):
        return "as the title says"
    ends = [f"{day}" if day else "open" for day in (page.filters.start, page.filters.end)]
    return f"{ends[0]} to {ends[1]}, both days included"


def _changes(page: Page) -> str:
    return page.before.sentence + (" (complete days only)" if page.before.is_there else "")


def _filters(choice: Choice) -> str:
    chosen = [
        f"{dimension.label.lower()} {' or '.join(values)}"
        for dimension in choice.dimensions
        if (values := named(choice, dimension))
    ]
    chosen += [f"segment {name}" for name in choice.segments]
    return "; ".join([*chosen, f"sessions of bots {'counted' if choice.bots else 'left out'}"])
