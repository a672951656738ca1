"""Compare: which group, segment or period does better, and whether it may be chance."""

from pages.ui import comparison_choices, marks
from pages.ui.frame import open_page
from pages.views import compare

page = open_page("Compare", compared=comparison_choices.is_of_periods(), asks=compare.asks)
marks.warn()
compare.show(page)
