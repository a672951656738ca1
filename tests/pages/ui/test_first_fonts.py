"""The head of a page: fonts of Dwell's, and icons for all that somebody draws."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.ui import first_fonts
from tests import icon_font

ROOT = Path(__file__).parents[3]
INDEX = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")


def test_a_page_names_fonts_of_its_own_and_none_of_streamlit():
    page = first_fonts.in_head(INDEX)
    assert "SourceSans" in INDEX
    assert "SourceSans" not in page
    files = [part.split('"')[0].split(")")[0] for part in page.split("/app/static/")[1:]]
    assert {"inter-latin-variable.woff2", "icons.woff2", "arrows.woff2"} == set(files)
    assert all((ROOT / "static" / file).is_file() for file in files)


def test_each_icon_that_somebody_draws_is_in_the_font():
    """When one is missing: tests/icon_font.py makes the font anew."""
    assert set((ROOT / "static" / "icons.txt").read_text().split()) >= icon_font.drawn()
