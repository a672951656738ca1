"""Overview: do people use it, for how long, and how many leave at once?"""

import streamlit as st

from pages.ui import breakdowns, cards, charts, marks, movers, sections, type_chart
from pages.ui.ask import ask
from pages.ui.controls import chosen, switch
from pages.ui.empty import explain_empty
from pages.ui.frame import open_page
from warehouse.metrics import overview

page = open_page("Overview")

totals = ask(overview.totals, page.filters).row(0, named=True)
if totals["session_count"] == 0:
    explain_empty(page)
daily = ask(overview.daily, page.filters)
left_out = ask(overview.left_out, page.filters).row(0, named=True)

cards.headline(ask(overview.change, page.filters), daily, page)

metric = charts.TRENDS[chosen("metric", charts.LABELS, "sessions")]
sections.head(
    charts.title(metric),
    key="trend",
    metrics=(metric.name,),
    query="overview.daily",
    filters=page.filters,
    frame=lambda: daily,
    file=sections.file_name(page, "daily"),
    extra=lambda: switch("Metric of the chart", "metric", charts.LABELS, "sessions"),
)
days = daily["event_date"].to_list()
marked = marks.marks_of(page, days)
st.plotly_chart(
    marks.draw(charts.trend(daily, metric, page.first_day), marked, days),
    key="trend",
    theme=None,
    config=charts.CONFIG,
    alt=f"{charts.title(metric)}, with the previous period in grey",
)
marks.below(marked)
breakdowns.notes(totals, left_out)
movers.section(page, metric)
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
