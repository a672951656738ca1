"""Definitions: what every number means, and what other settings would make of it."""

from pages.ui.frame import open_page
from pages.views import definitions

definitions.show(open_page("Definitions", asks=definitions.asks))
