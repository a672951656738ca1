"""The glossary as HTML: rows of the table metrics in, text out. Never asks the warehouse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from pages.ui.metric_cases import cases_of
from pages.ui.theme import css_colors
from warehouse.query import lines_of

Row = Mapping[str, Any]
UNITS = {
    "count": "a count",
    "seconds": "seconds",
    "rate": "a share, 0 to 1",
    "per_session": "a mean per session",
}
BETTER = {1: "up is better", -1: "down is better", 0: "neither way is better"}


def fits(row: Row, text: str, settings: Mapping[str, str]) -> bool:
    """Whether a metric has all words of a text, in its name, its sentences or its cases."""
    cases = (words for case in cases_of(row["name"], settings) for words in case)
    whole = " ".join((row["name"], row["label"], row["definition"], *cases)).lower()
    return all(word in whole for word in text.lower().split())


def glossary(rows: Iterable[Row], settings: Mapping[str, str], address: Mapping[str, str]) -> str:
    """All of these metrics, each with what it counts, its edges and its SQL.

    `address` is where each stands alone.
    """
    body = "".join(_article(row, settings, address[row["name"]]) for row in rows)
    return f'<div class="dwell-glossary" style="{css_colors()}">{body}</div>'


def _article(row: Row, settings: Mapping[str, str], address: str) -> str:
    facts = f"{UNITS.get(row['unit'], row['unit'])}; {BETTER[row['better']]}; "
    facts += f"{row['empty']} without sessions"
    line = line_of(row["name"], row["sql"])
    code = f"<code>{escape(line)}</code>" if line else ""
    where = f"<small>{escape(row['query'])}</small>"
    return (
        f'<article><header><h4><a class="dwell-link" href="{escape(address)}">'
        f"{escape(row['label'])}</a></h4>"
        f"<small>{escape(row['name'])}</small><small>{facts}</small>{where}</header>"
        f"<div><p>{escape(row['definition'])}</p>{_cases(row, settings)}{code}</div></article>"
    )


def line_of(name: str, own: str | None) -> str | None:
    """The line of a metric as SQL; `own` is the expression of one that dwell.toml declares."""
    lines = (lines_of(relation).get(name) for relation in ("measured_sessions", "measured_turns"))
    expression = own or next(filter(None, lines), None)
    return f"{expression} as {name}" if expression else None


def _cases(row: Row, settings: Mapping[str, str]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(what)}</th><td>{escape(outcome)}</td></tr>'
        for what, outcome in cases_of(row["name"], settings)
    )
    label = escape(f"{row['label']}: cases at the edge")
    return f'<table aria-label="{label}"><tbody>{rows}</tbody></table>' if rows else ""
