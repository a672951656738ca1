"""Overview: do people use it, for how long, and how many leave at once?"""

import streamlit as st

from pages.ui import alert_strip, breakdowns, dimension_tabs, marks, movers, type_chart
from pages.ui.ask import ask
from pages.ui.empty import explain_empty
from pages.ui.frame import open_page
from pages.views import overview as overview_head
from warehouse.metrics import overview

page = open_page("Overview", compared=True, asks=overview_head.asks)
marks.warn()
# Filled last: who looks for numbers waits for no alert.
above = st.container()

totals = ask(overview.totals, page.filters).row(0, named=True)
if totals["session_count"] == 0:
    with above:
        alert_strip.draw(page)
    explain_empty(page)
left_out = ask(overview.left_out, page.filters).row(0, named=True)

days = overview_head.headline(page)
overview_head.trend(page, days)
breakdowns.notes(totals, left_out)
movers.section(page, overview_head.metric_of_trend())
type_chart.section(page)

dimension_tabs.cards(page)
with above:
    alert_strip.draw(page)
