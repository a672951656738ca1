"""The two palettes of the charts. Surfaces and text of the page are in config.toml."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st


@dataclass(frozen=True)
class Palette:
    """Colours of one theme: the subject in colour, the comparison in grey."""

    background: str
    surface: str
    text: str
    quiet: str
    grid: str
    good: str
    bad: str
    series: tuple[str, ...]


LIGHT = Palette(
    background="#FFFFFF",
    surface="#F5F6F8",
    text="#1B2430",
    quiet="#647082",
    grid="#EBEEF2",
    good="#17694B",
    bad="#B8403A",
    series=("#2F5DA8", "#D97706", "#2A9D8F", "#B4477D", "#7A6BC4", "#8A7A4E", "#5C6B7A"),
)
DARK = Palette(
    background="#12161C",
    surface="#1A2029",
    text="#E6EAF0",
    quiet="#93A3B5",
    grid="#232B36",
    good="#7CD0B3",
    bad="#E58A84",
    series=("#7FA7E8", "#F0A95A", "#63BFB3", "#DE82AE", "#A99CEB", "#C2B27F", "#93A3B5"),
)


def palette() -> Palette:
    """Palette of the theme that the reader sees; light when the browser does not say."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def css_colors() -> str:
    """The palette as CSS variables, for the style of what style.css draws with them."""
    look = palette()
    return (
        f"--dwell-quiet:{look.quiet};--dwell-grid:{look.grid};--dwell-surface:{look.surface};"
        f"--dwell-background:{look.background};--dwell-series:{look.series[0]};"
        f"--dwell-good:{look.good};--dwell-bad:{look.bad}"
    )
