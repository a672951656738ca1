"""The warehouse: builds made from the lake, and the one API that reads them.

import warehouse
from warehouse.filters import Filters

wh = warehouse.open()
wh.metrics.overview.totals(Filters.last_days(30, wh.as_of_date))
"""

from etl.errors import DwellError, NoBuild
from warehouse import metrics
from warehouse.connection import Warehouse, current_build, open
from warehouse.filters import Filters
from warehouse.session_analyzer import SessionAnalyzer
from warehouse.session_stats import SessionAnalytics

__all__ = [
    "DwellError",
    "Filters",
    "NoBuild",
    "SessionAnalytics",
    "SessionAnalyzer",
    "Warehouse",
    "current_build",
    "metrics",
    "open",
]
