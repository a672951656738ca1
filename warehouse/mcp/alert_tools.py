"""The tool of alerts: what fires now, what is held back, what was noted, and the data's faults."""

from datetime import timedelta
from typing import Annotated, Any

from mcp.types import CallToolResult
from pydantic import Field

from warehouse import Warehouse, alerts
from warehouse.mcp import arguments as given
from warehouse.mcp.alert_shapes import Alerts
from warehouse.mcp.answer import answered
from warehouse.mcp.builds import Builds
from warehouse.mcp.fitting import cut, fitted, of_build, plain
from warehouse.mcp.standing_process import standing_rows
from warehouse.metrics import health

# More fire only where something is wrong with the alerts themselves.
_MOST_ON = 30
_MOST_FAULTS = 50
_MOST_DAYS = 3650
_FACTS = ("alert", "label", "severity", "kind", "source", "value", "limit")


class AlertTools:
    """Questions about what is out of the ordinary."""

    def __init__(self, builds: Builds):
        self._builds = builds

    def get_alerts(
        self,
        days: Annotated[
            int,
            Field(ge=1, le=_MOST_DAYS, description="Faults of the data of so many last days."),
        ] = given.DEFAULT_DAYS,
        limit: given.Limit = 20,
        offset: given.Offset = 0,
    ) -> Annotated[CallToolResult, Alerts]:
        """What fires now, faults of the data first; what is held back because of one; the newest
        that was noted of alerts before (history), and the faults of the data of the last days
        whether they fire or not. Days are local. A fault makes numbers of its days doubtful.
        """
        on = [_told(row) for row in standing_rows(self._builds.settings())]
        with self._builds.open() as wh:
            firing = [row for row in on if "held_back_by" not in row]
            held_back = [row for row in on if "held_back_by" in row]
            faults = _faults(wh, days)
            noted = alerts.history(wh.home).to_dicts()
            answer = of_build(wh) | {
                "firing": firing[:_MOST_ON],
                "held_back": held_back[:_MOST_ON],
                "faults": faults[:_MOST_FAULTS],
                "firing_total": len(firing),
                "held_back_total": len(held_back),
                "faults_total": len(faults),
            }
            if not noted:
                answer["note"] = "Nothing was noted yet: 'dwell alert', or a load, notes alerts."
            page = [_noted(row) for row in noted[offset : offset + limit]]
            return answered(fitted(answer, page, len(noted), offset, "history"))


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """What fires, or is held back and why."""
    told = {name: plain(row[name]) for name in _FACTS}
    told |= {"since": plain(row["date"]), "until": plain(row["until"])}
    told["sentence"] = cut(row["line"])
    if row["held_back_by"]:
        told["held_back_by"] = cut(row["held_back_by"])
    return told


def _noted(row: dict[str, Any]) -> dict[str, Any]:
    told = _told(row | {"line": row["sentence"]})
    return told | {"is_over": row["ended_at"] is not None}


def _faults(wh: Warehouse, days: int) -> list[dict[str, Any]]:
    """The newest first."""
    if wh.as_of_date is None:
        return []
    first = wh.as_of_date - timedelta(days=days - 1)
    found = [row for row in health.faults(wh).to_dicts() if row["last_date"] >= first]
    return [plain(row) for row in reversed(found)]
