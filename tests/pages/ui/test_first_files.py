"""The head of a page: its fonts, and scripts that are there in the Streamlit that is installed."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st

from pages.ui import first_files
from tests import icon_font

ROOT = Path(__file__).parents[3]
STATIC = Path(st.__file__).parent / "static"
INDEX = (STATIC / "index.html").read_text(encoding="utf-8")


def test_the_script_of_charts_is_there():
    assert first_files.scripts((first_files.CHART,))[0].startswith("PlotlyChart.")


def test_a_script_without_a_file_is_not_named():
    assert first_files.scripts(("NoSuchElement",)) == []


def test_a_script_comes_with_what_it_imports():
    scripts = first_files.scripts(("Html",))
    assert len(scripts) > 1
    assert all((STATIC / "static" / "js" / script).is_file() for script in scripts)


@pytest.mark.parametrize(
    ("path", "has_chart"),
    [("/", True), ("/engagement", True), ("/active_now/", True), ("/users", False)],
)
def test_pages_with_charts_name_the_script_of_charts(path, has_chart):
    assert ("/static/js/PlotlyChart." in first_files.in_head(INDEX, path)) is has_chart


def test_no_script_is_named_twice_and_no_font_of_streamlit():
    page = first_files.in_head(INDEX, "/")
    scripts = [part.split('"')[0] for part in page.split("static/js/")[1:]]
    assert len(scripts) == len(set(scripts))
    assert "SourceSans" in INDEX
    assert "SourceSans" not in page
    assert "inter-latin" in page


def test_each_icon_that_somebody_draws_is_in_the_font():
    """When one is missing: tests/icon_font.py makes the font anew."""
    assert set((ROOT / "static" / "icons.txt").read_text().split()) >= icon_font.drawn()
