"""Breakdowns: any metrics by any dimension, and by two of them at once."""

from pages.ui.frame import open_page
from pages.views import breakdowns

breakdowns.show(open_page("Breakdowns", compared=True, asks=breakdowns.asks))
