"""What the head of a page names: its fonts, and the script of charts. Never sends a file.

Streamlit's client asks for what draws a chart when it meets the first one, which is late for the
largest of its files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from html import escape
from pathlib import Path

import streamlit as st

_SCRIPTS = Path(st.__file__).parent / "static" / "static" / "js"
CHART = "PlotlyChart"
CHARTED = ("", "engagement", "active_now")
# A script imports others by its first words.
_HEAD = 10_000
_IMPORT = re.compile(r'(?:from|import)"\./([^"]+\.js)"')
# Streamlit has browsers fetch a font of its own before all else, and writes in it until it knows
# the theme. Here that font is Dwell's, with two arrows that it lacks; Streamlit's own, of the same
# family, is fetched for what neither has. Of the icons those are fetched that somebody draws, named
# in icons.txt: 4,000 others are a third of a page without a chart.
_FOLDER = "/app/static/"
_FACES = (
    ("Source Sans", "100 900", "arrows.woff2"),
    ("Source Sans", "100 900", "inter-latin-variable.woff2"),
    ("Material Symbols Rounded", "400", "icons.woff2"),
)
_STYLE = "".join(
    f"@font-face{{font-family:{family};font-weight:{weight};font-style:normal;font-display:block;"
    f'src:url({_FOLDER}{file})format("woff2")}}'
    for family, weight, file in _FACES
)
_FONTS = f"<style>{_STYLE}</style>" + "".join(
    f'<link rel="preload" href="{_FOLDER}{file}" as="font" type="font/woff2" crossorigin>'
    for _, _, file in _FACES[1:]
)
# Streamlit's client loads every face of that family, so that of its style sheet is taken out.
_ICONS_ALONE = """<script>for (const sheet of document.styleSheets) {
  const rules = [...sheet.cssRules].map((rule) => rule.cssText);
  const at = rules.findIndex((text) => text.includes("MaterialSymbols-Rounded"));
  if (at >= 0) sheet.deleteRule(at);
}</script>"""
_FOREIGN_FONT = re.compile(r'<link\s+rel="preload"[^>]*SourceSans[^>]*>')


def in_head(page: str, path: str) -> str:
    """The HTML of a page, with links to its fonts and scripts."""
    names = (CHART,) if path.strip("/") in CHARTED else ()
    links = "".join(
        f'<link rel="modulepreload" href="/static/js/{escape(script)}" crossorigin>'
        for script in scripts(names)
        if f"/{script}" not in page
    )
    return _FOREIGN_FONT.sub("", page).replace(
        "</head>", f"{_FONTS}{_ICONS_ALONE}{links}</head>", 1
    )


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
