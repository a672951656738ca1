"""What the head of a page names, so that a browser fetches it at once. Never sends a file.

Streamlit's client asks for the script of an element when it meets the first of its kind, and then
for what that script imports: one after the other, while the server is at work on the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from html import escape
from pathlib import Path

import streamlit as st

_SCRIPTS = Path(st.__file__).parent / "static" / "static" / "js"
# Of elements that all pages have, or most of them.
USUAL = (
    *("Html", "PageLink", "Checkbox", "ButtonGroup", "Selectbox", "DownloadButton", "TextInput"),
    *("Pagination", "Multiselect"),
)
CHART = "PlotlyChart"
CHARTED = ("", "engagement", "active_now")
# A script imports others by its first words.
_HEAD = 10_000
_IMPORT = re.compile(r'(?:from|import)"\./([^"]+\.js)"')
# Streamlit has browsers fetch a font of its own before all else, and writes in it until it knows
# the theme. Here that font is Dwell's, with two arrows that Dwell's has not; Streamlit's own, which
# has the same family, is fetched for what neither has.
_FONT, _ARROWS = "/app/static/inter-latin-variable.woff2", "/app/static/arrows.woff2"
_FACE = (
    "@font-face{{font-family:Source Sans;font-weight:100 900;font-style:normal;"
    'src:url({})format("woff2")}}'
)
_FONTS = (
    f'<link rel="preload" href="{_FONT}" as="font" type="font/woff2" crossorigin>'
    f"<style>{_FACE.format(_ARROWS)}{_FACE.format(_FONT)}</style>"
)
_FOREIGN_FONT = re.compile(r'<link\s+rel="preload"[^>]*SourceSans[^>]*>')


def in_head(page: str, path: str) -> str:
    """The HTML of a page, with links to its fonts and scripts."""
    names = (*USUAL, CHART) if path.strip("/") in CHARTED else USUAL
    links = "".join(
        f'<link rel="modulepreload" href="/static/js/{escape(script)}" crossorigin>'
        for script in scripts(names)
        if f"/{script}" not in page
    )
    return _FOREIGN_FONT.sub("", page).replace("</head>", f"{_FONTS}{links}</head>", 1)


@cache
def scripts(names: Iterable[str]) -> list[str]:
    """The files of these scripts and of all that they import; a name without a file has none."""
    found: dict[str, None] = {}
    open_ = [file.name for name in names for file in _SCRIPTS.glob(f"{name}.*.js")]
    while open_:
        script = open_.pop(0)
        if script not in found:
            found[script] = None
            with (_SCRIPTS / script).open(encoding="utf-8") as file:
                open_ += _IMPORT.findall(file.read(_HEAD))
    return list(found)
