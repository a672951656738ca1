"""What the head of a page names: its fonts. Never sends a file.

None is fetched before it is used, of which browsers warn where that comes late; and no script: the
largest, of charts, would take the processor when the numbers need it.
"""

from __future__ import annotations

import re

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
# Streamlit's client loads every face of that family, so that of its style sheet is taken out.
_ICONS_ALONE = """<script>for (const sheet of document.styleSheets) {
  const rules = [...sheet.cssRules].map((rule) => rule.cssText);
  const at = rules.findIndex((text) => text.includes("MaterialSymbols-Rounded"));
  if (at >= 0) sheet.deleteRule(at);
}</script>"""
_FOREIGN_FONT = re.compile(r'<link\s+rel="preload"[^>]*SourceSans[^>]*>')


def in_head(page: str) -> str:
    """The HTML of a page with Dwell's fonts in place of Streamlit's."""
    return _FOREIGN_FONT.sub("", page).replace(
        "</head>", f"<style>{_STYLE}</style>{_ICONS_ALONE}</head>", 1
    )
