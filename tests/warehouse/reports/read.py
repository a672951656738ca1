"""Reports read again, without what wrote them."""

from __future__ import annotations

from html.parser import HTMLParser
from io import BytesIO
from typing import Any

import openpyxl


class Page(HTMLParser):
    """The elements of a page with their classes and texts, and all that they refer to."""

    def __init__(self, text: str):
        super().__init__()
        self.tags: list[str] = []
        self.references: list[str] = []
        self.handlers: list[str] = []
        self.texts: list[tuple[tuple[str, ...], str]] = []
        self.rows: list[list[str]] = []
        # Rows that are open, one within another.
        self._rows: list[list[str]] = []
        self._open: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.tags.append(tag)
        self.references += [known[name] or "" for name in ("src", "href", "data") if name in known]
        self.handlers += [name for name in known if name.startswith("on")]
        if tag not in ("meta", "br", "img", "link", "rect", "circle", "line", "path"):
            self._open.append((tag, known.get("class") or ""))
        if tag == "tr":
            self.rows.append([])
            self._rows.append(self.rows[-1])
        if tag in ("td", "th"):
            self._rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass
        if tag == "tr":
            self._rows.pop()

    def handle_data(self, data: str) -> None:
        names = tuple(name for _, name in self._open)
        self.texts.append((names, data))
        if self._rows and self._rows[-1]:
            self._rows[-1][-1] += data

    def of_class(self, name: str) -> list[str]:
        """The texts within elements of a class."""
        return [text for names, text in self.texts if name in " ".join(names).split()]

    @property
    def text(self) -> str:
        return " ".join(text for names, text in self.texts)


def sheets(file: bytes) -> dict[str, list[dict[str, Any]]]:
    """The rows of each sheet, by its name."""
    book = openpyxl.load_workbook(BytesIO(file))
    told = {}
    for sheet in book.worksheets:
        head, *rows = sheet.iter_rows(values_only=True)
        told[sheet.title] = [dict(zip(head, row, strict=True)) for row in rows]
    return told
