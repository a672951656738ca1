"""Paths: which way people go, what they use together, and how they behave."""

from pages.ui import marks
from pages.ui.frame import open_page
from pages.views import paths

page = open_page("Paths", asks=paths.asks)
marks.warn()
paths.show(page)
