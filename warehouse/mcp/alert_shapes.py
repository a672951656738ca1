"""The shapes of what get_alerts answers."""

from typing import NotRequired

# Python 3.11's own is not read where one holds another.
from typing_extensions import TypedDict

from warehouse.mcp.shapes import Listed


class AlertEntry(TypedDict):
    """What fires, or fired: since and until are its first and last day.

    kind          "fault" of the data, with its source, or "behaviour", with value and limit
    held_back_by  why it was told nowhere
    """

    alert: str
    label: str
    severity: str
    kind: str
    source: str | None
    value: float | None
    limit: float | None
    since: str | None
    until: str | None
    sentence: str
    held_back_by: NotRequired[str]


class NotedAlert(AlertEntry):
    """One of the history."""

    is_over: bool


class FaultEntry(TypedDict):
    """Days of a source that look like a fault of its data."""

    kind: str
    source: str | None
    first_date: str
    last_date: str
    evidence: str


class Alerts(Listed):
    """What fires, what is held back, the faults of the last days, and the history, newest first.

    The totals say how many there are where not all are told.
    """

    firing: list[AlertEntry]
    firing_total: int
    held_back: list[AlertEntry]
    held_back_total: int
    faults: list[FaultEntry]
    faults_total: int
    history: list[NotedAlert]
