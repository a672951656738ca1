"""Makes static/icons.woff2 of Streamlit's font of icons: those that its client or a page draws.

    python -m tests.icon_font

Wants `fonttools` and `brotli`, which nothing else does. Run it when a test says that an icon is
missing.
"""

from __future__ import annotations

import re
from pathlib import Path

import streamlit as st

ROOT = Path(__file__).parents[1]
CLIENT = Path(st.__file__).parent / "static" / "static"
# Drawn by style.css, for the signs of rows (pages/ui/drill.py and others).
SIGNS = {"filter_alt_off", "list", "group", "person_off", "contrast"}
# Named by the client for stars, and by no icon of the font.
NO_ICON = {"star_filled"}


def drawn() -> set[str]:
    """The names of all icons that the client or a page may draw."""
    files = [*(CLIENT / "js").glob("*.js"), *(ROOT / "pages").rglob("*.py"), ROOT / "app.py"]
    texts = (file.read_text(encoding="utf-8") for file in files)
    named = {name for text in texts for name in re.findall(r":material/([a-z0-9_]+)", text)}
    return (named | SIGNS) - NO_ICON


def main() -> None:
    """Writes the font and the names that are in it."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    font = TTFont(next((CLIENT / "media").glob("MaterialSymbols-Rounded.*.woff2")))
    letters = {glyph: chr(code) for code, glyph in font.getBestCmap().items()}
    icons = {
        "".join(
            letters.get(glyph, "?") for glyph in (first, *ligature.Component)
        ): ligature.LigGlyph
        for lookup in font["GSUB"].table.LookupList.Lookup
        for table in (getattr(each, "ExtSubTable", each) for each in lookup.SubTable)
        for first, ligatures in getattr(table, "ligatures", {}).items()
        for ligature in ligatures
    }
    options = subset.Options()
    options.flavor = "woff2"
    options.layout_closure = False
    options.layout_features = ["*"]
    options.name_IDs = [0, 13, 14]
    subsetter = subset.Subsetter(options)
    names = sorted(drawn())
    letters_of_names = {ord(letter) for name in names for letter in name}
    subsetter.populate(glyphs=[icons[name] for name in names], unicodes=letters_of_names)
    subsetter.subset(font)
    font.flavor = "woff2"
    font.save(ROOT / "static" / "icons.woff2")
    (ROOT / "static" / "icons.txt").write_text("\n".join(names) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
