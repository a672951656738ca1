"""What stands in the HTML that a page draws, as a reader meets it."""

from __future__ import annotations

import html
import re
from types import SimpleNamespace
from typing import Any

CELL = re.compile(r"<t([hd])\b[^>]*>(.*?)</t\1>", re.DOTALL)


def text(markup: str) -> str:
    """The words of some HTML."""
    return html.unescape(re.sub(r"<[^>]*>", "", markup)).strip()


def bodies(test: Any) -> list[str]:
    """All HTML of a page, in its order."""
    return [element.proto.body for element in test.get("html")]


def tables(test: Any) -> list[list[dict[str, str]]]:
    """The HTML tables of a page: their rows, by the names of the columns."""
    return [rows(body) for body in bodies(test) if "<table>" in body]


def rows(markup: str) -> list[dict[str, str]]:
    """The rows of one HTML table, by the names of the columns."""
    head, *lines = re.findall(r"<tr\b.*?</tr>", markup, re.DOTALL)
    names = [text(cell).rstrip("\u2191\u2193") for _, cell in CELL.findall(head)]
    return [
        dict(zip(names, (text(cell) for _, cell in CELL.findall(line)), strict=True))
        for line in lines
    ]


def links(markup: str) -> dict[str, str]:
    """The addresses of the links in some HTML, by their words."""
    found = re.findall(r'<a [^>]*href="([^"]*)"[^>]*>(.*?)</a>', markup, re.DOTALL)
    return {text(words).rstrip("\u2191\u2193"): html.unescape(address) for address, words in found}


def cards(test: Any) -> dict[str, SimpleNamespace]:
    """The cards of a page by their labels: value, note, change, numbers compared, help."""
    found = {}
    for body in bodies(test):
        for card in body.split('<div class="dwell-card">')[1:]:
            texts = re.findall(r'role="tooltip">(.*?)</span>', card, re.DOTALL)
            has_change = "dwell-change" in card
            found[_part(card, "dwell-label")] = SimpleNamespace(
                value=_part(card, "dwell-value"),
                note=_part(card, "dwell-ends"),
                change=_part(card, "dwell-change"),
                numbers=text(texts[-1]) if has_change else "",
                help=text(texts[0]) if "dwell-about" in card else "",
            )
    return found


def _part(card: str, name: str) -> str:
    """The words of the part of that class; nothing when there is none."""
    part = re.search(rf'class="[^"]*\b{name}\b[^>]*>(.*?)</', card, re.DOTALL)
    return text(part[1]) if part else ""
