"""Funnels: who gets through, where the others go, and which workflows stay unfinished."""

from pages.ui import marks
from pages.ui.frame import open_page
from pages.views import funnels

page = open_page("Funnels", asks=funnels.asks)
marks.warn()
funnels.show(page)
