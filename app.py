"""Overview: do people use it, for how long, and how many leave at once?"""

import streamlit as st

from pages.ui import breakdowns, movers, type_chart
from pages.ui.ask import ask
from pages.ui.empty import explain_empty
from pages.ui.frame import open_page
from pages.views import overview as overview_head
from warehouse.metrics import overview

page = open_page("Overview", compared=True)

totals = ask(overview.totals, page.filters).row(0, named=True)
if totals["session_count"] == 0:
    explain_empty(page)
left_out = ask(overview.left_out, page.filters).row(0, named=True)

overview_head.headline(page)
overview_head.trend(page)
breakdowns.notes(totals, left_out)
movers.section(page, overview_head.metric_of_trend())
type_chart.section(page)

left, right = st.columns(2, gap="medium")
with left:
    breakdowns.table(page, "entry_page", "Where sessions begin", "Entry page")
with right:
    breakdowns.table(page, "exit_page", "Where sessions end", "Exit page")
left, right = st.columns(2, gap="medium")
with left:
    breakdowns.table(page, "device_type", "Devices", "Device")
with right:
    breakdowns.table(page, "entry_source", "Where sessions come from", "Source of entry")
