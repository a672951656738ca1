"""Engagement: how long people stay, when they come, and how often."""

from pages.ui import marks
from pages.ui.frame import open_page
from pages.views import engagement

page = open_page("Engagement", asks=engagement.asks)
marks.warn()
engagement.show(page)
