"""Data health: whether the data is there, how it came, and what each build changed."""

from pages.ui import marks
from pages.ui.frame import open_page
from pages.views import data_health

page = open_page("Data health", dated=False, filtered=False, asks=data_health.asks)
marks.warn()
data_health.show(page)
