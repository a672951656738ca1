"""The palettes: every text can be read."""

from __future__ import annotations

import pytest

from pages.ui.theme import DARK, LIGHT


def contrast(one, two):
    """The contrast of two colours as WCAG defines it, 1 to 21."""
    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(color):
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["text", "quiet", "good", "bad"])
def test_text_has_contrast_on_page_and_surface(look, name):
    for behind in (look.background, look.surface):
        assert contrast(getattr(look, name), behind) >= 4.5
