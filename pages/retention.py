"""Retention: who comes back, when, and how often."""

from pages.ui import marks
from pages.ui.frame import open_page
from pages.views import retention

page = open_page("Retention", asks=retention.asks)
marks.warn()
retention.show(page)
