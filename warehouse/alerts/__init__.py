"""Alerts: what is judged each day, what of it was told, and what would have been.

from warehouse import alerts

alerts.check(settings)          # judges, notes and tells: what `dwell alert` does
alerts.firing("data")           # what is on now, as it was noted
alerts.history("data")
alerts.standing(wh)             # what is on now, as pages show it; nothing is noted
alerts.replay(wh, settings, date(2026, 9, 1), date(2026, 11, 29))
"""

from warehouse.alerts.check import Checked as Checked
from warehouse.alerts.check import check as check
from warehouse.alerts.history import firing as firing
from warehouse.alerts.history import history as history
from warehouse.alerts.replay import replay as replay
from warehouse.alerts.standing import asked as asked
from warehouse.alerts.standing import nothing as nothing
from warehouse.alerts.standing import standing as standing
