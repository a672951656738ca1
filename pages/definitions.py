"""Definitions: what each number means, and what other definitions would make of it."""

from pages.ui.frame import open_page
from pages.views import definitions

definitions.show(
    open_page("Definitions", filtered=definitions.is_of_sessions(), asks=definitions.asks)
)
