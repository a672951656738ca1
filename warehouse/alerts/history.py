"""What was noted of alerts, as frames."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.alerts.episodes import Episode
from warehouse.alerts.faults import OF_HOME
from warehouse.alerts.state import remembered

if TYPE_CHECKING:
    import polars as pl


def history(home: Path | str, limit: int | None = None) -> "pl.DataFrame":
    """What fired or was held back, newest first; at most so many.

    Columns: alert, label, severity ("warning" or "alarm", the highest that it had), kind ("fault"
    or "behaviour"), date (the local day that it began on; of an alert by week its Monday), until
    (the last day that it held on), source (of a fault; else null), started_at and ended_at (naive
    UTC, when it was noted; ended_at is null while it is on), value, limit and sentence (of
    `until`; value and limit are null for faults), held_back_by (why it was not told; null where it
    was), began_before (nobody looked at the days before `date`: it may have begun earlier).
    No rows before the first check. DwellError where alerts.json is damaged.
    """
    episodes = sorted(
        remembered(Path(home)).episodes, key=lambda e: (e.started_at, e.began_on), reverse=True
    )
    return frame_of(episodes if limit is None else episodes[:limit])


def firing(home: Path | str) -> "pl.DataFrame":
    """What is on, as it was last noted, faults first and alarms before warnings; where nothing was
    loaded for a week, that alone. Columns as of `history`; held-back ones are not among them.
    """
    return frame_of(firing_of(remembered(Path(home)).episodes))


def firing_of(episodes: Sequence[Episode]) -> list[Episode]:
    """Those that are on, in the order in which they are told."""
    on = [each for each in episodes if each.over_on is None and not each.held_back_by]
    if any(each.alert == "nothing_loaded" for each in on):
        on = [each for each in on if each.alert in OF_HOME]
    return sorted(on, key=lambda e: (e.kind != "fault", e.severity != "alarm", e.began_on, e.key))


def frame_of(episodes: Sequence[Episode]) -> "pl.DataFrame":
    """The frame of some episodes, in their order."""
    import polars as pl

    texts = ("alert", "label", "severity", "kind")
    schema: dict[str, Any] = {
        **dict.fromkeys(texts, pl.String),
        **dict.fromkeys(("date", "until"), pl.Date),
        "source": pl.String,
        **dict.fromkeys(("started_at", "ended_at"), pl.Datetime("us")),
        **dict.fromkeys(("value", "limit"), pl.Float64),
        **dict.fromkeys(("sentence", "held_back_by"), pl.String),
        "began_before": pl.Boolean,
    }
    rows = [{**asdict(each), "date": each.began_on} for each in episodes]
    return pl.DataFrame([{name: row[name] for name in schema} for row in rows], schema)
