"""What the pages have noted of their visits. Notes nothing where the server was not told to."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import header
from pages.ui.ask import current_warehouse
from pages.ui.filter_row import page_params
from pages.ui.visitor import told as readable
from pages.ui.visitor import visitor
from warehouse import DwellError
from warehouse.audit import AUDITS, Audit
from warehouse.scopes import whole_home

if TYPE_CHECKING:
    from pages.ui.frame import Page

log = logging.getLogger(__name__)
# Of the visit: what was noted last of each kind. A page is drawn again at every click.
_LAST = "audited_last"
# What a page is of, where its address says that it is of one.
_OBJECTS = ("user", "session", "chat")


@lru_cache(maxsize=1)
def _audit_of(home: Path) -> Audit:
    return Audit.of(home)


def _audit() -> Audit | None:
    return _audit_of(whole_home(current_warehouse().home)) if os.environ.get(AUDITS) else None


def note_page(page: Page) -> None:
    """A page, when it is opened and when another filter is chosen. Ends it where that fails."""
    _note_once("page", page, chosen=sorted({name for name, _ in page_params()}))


def note_refused(title: str) -> None:
    """A page that its visitor may not open: it shows nothing, also where that cannot be noted."""
    if not os.environ.get(AUDITS):
        return
    who = visitor()
    try:
        audit = _audit_of(Path(os.environ.get("DWELL_HOME") or "data"))
        alias = audit.alias_of_login(who.name)
        audit.note(kind="refused", who=alias, roles=sorted(who.roles), page=title)
    except DwellError:
        log.exception("a page that was refused is not noted")


def note_answer(page: Page, text: str, seconds: float, **told: Any) -> None:
    """A query of the page SQL and what came of it. Ends the page where that fails.

    The text may name somebody: it is noted as a pseudonym, the same for the same text.
    """
    kind = "export" if "file" in told else "query"
    audit = _audit()
    if audit:
        told |= {"query": audit.alias(text), "milliseconds": round(1000 * seconds)}
    _note_once(kind, page, **told)


def on_export(page: Page | None, file: str) -> Callable[[int, float], None]:
    """What is to be called with the rows of a file and the seconds that it took to make.

    It raises DwellError where that cannot be noted. Files are made when nobody's page is drawn: so
    who it is for is asked now.
    """
    audit = _audit()
    if audit is None:
        return lambda rows, seconds: None
    known = _known(audit, page)

    def note(rows: int, seconds: float) -> None:
        audit.note(kind="export", **known, file=file, rows=rows, milliseconds=round(1000 * seconds))

    return note


def timed() -> Callable[[], float]:
    """Seconds since this was called."""
    begun = time.monotonic()
    return lambda: time.monotonic() - begun


def _note_once(kind: str, page: Page, **told: Any) -> None:
    try:
        audit = _audit()
        if audit is None:
            return
        known = _known(audit, page)
        # Of the address as a whole: other values of a filter are another page.
        asked = (page.title, page.build, *sorted(st.query_params.items()), told.get("query"))
        asked = (*asked, told.get("file"))
        last = st.session_state.setdefault(_LAST, {})
        if last.get(kind) == asked:
            return
        audit.note(kind=kind, **known, **told)
        last[kind] = asked
    except DwellError as error:
        header.stop_with(readable(error), "Reload this page when that is done.")


def _known(audit: Audit, page: Page | None) -> dict[str, Any]:
    who = visitor()
    known: dict[str, Any] = {
        "who": audit.alias_of_login(who.name),
        "roles": sorted(who.roles) if who.name else [],
    }
    if page is None:
        return known
    filters = [name for name, _ in page.choice.where] if page.filtered else []
    if page.filtered and page.choice.segments:
        filters.append("segment")
    known |= {"page": page.title, "build": page.build, "filters": sorted(filters)}
    if page.dated and page.filtered:
        known["days"] = [
            f"{day}" if day else None for day in (page.filters.start, page.filters.end)
        ]
    given = dict(page_params())
    return known | {f"of_{name}": audit.alias(given[name]) for name in _OBJECTS if name in given}
