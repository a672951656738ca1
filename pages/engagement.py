"""Engagement: how long people stay, when they come, and how often."""

from pages.ui.frame import open_page
from pages.views import engagement

engagement.show(open_page("Engagement"))
