"""What would have fired over past days: the dry run, by the steps that checks take."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from etl.config.settings import Settings
from etl.errors import ConfigError
from warehouse.alerts.behaviour import judged_behaviour
from warehouse.alerts.episodes import Episode
from warehouse.alerts.faults import judged_faults, known_of
from warehouse.alerts.history import frame_of
from warehouse.alerts.judged import Judged, Subject
from warehouse.alerts.rules import fault_rules, rules_of
from warehouse.alerts.state import Remembered, Since
from warehouse.alerts.told import LOOKED_BACK, since_name, take_step
from warehouse.connection import Warehouse

if TYPE_CHECKING:
    import polars as pl


def replay(wh: Warehouse, settings: Settings, first: date, last: date) -> "pl.DataFrame":
    """What would have fired, or been held back, between two local days: each judged as a check
    right after it would have, as if all events of a day had been there at its end. Oldest first.

    Columns as of `alerts.history`; started_at and ended_at are the ends of local days, in UTC;
    severity, value, limit and sentence are of the day that it was told on. What is true of now
    alone (a source that is late, the disk, the age of the home) is not replayed. No rows where
    nothing would have fired. ConfigError where the last day is before the first.
    """
    if last < first:
        msg = f"The dry run ends on {last}, before it begins on {first}. Exchange the days."
        raise ConfigError(msg)
    rules = rules_of(wh, settings)
    if wh.as_of is None:
        return frame_of([])
    known = known_of(wh, wh.as_of)
    last = min(last, known.complete_before - timedelta(days=1))
    if last < first:
        return frame_of([])
    judged = judged_faults(known, fault_rules(settings), (), first, last)
    judged |= judged_behaviour(wh, rules, known, first, last)
    state = Remembered()
    for subject in judged:
        state.judged[since_name(subject)] = Since(subject.reading, first, first - timedelta(days=1))
    told: dict[tuple[str, date, int], Episode] = {}
    day = first
    while day <= last:
        take_step(state, _by_end_of(judged, day), _end_of(day, wh.time_zone))
        for each in state.episodes:
            told.setdefault(_name(each), each)
        day += timedelta(days=1)
    episodes = sorted(state.episodes, key=lambda e: (e.began_on, e.kind != "fault", e.key))
    return frame_of([_as_begun(each, told[_name(each)]) for each in episodes])


def _name(episode: Episode) -> tuple[str, date, int]:
    return episode.key, episode.began_on, episode.count


def _as_begun(episode: Episode, begun: Episode) -> Episode:
    names = ("severity", "value", "limit", "sentence")
    return replace(episode, **{name: getattr(begun, name) for name in names})


def _by_end_of(judged: dict[Subject, list[Judged]], day: date) -> dict[Subject, list[Judged]]:
    """What a check right after a day would have judged."""
    known = {}
    for subject, days in judged.items():
        length = timedelta(days=6 if subject.per == "week" else 0)
        known[subject] = [
            each for each in days if day - LOOKED_BACK <= each.day and each.day + length <= day
        ]
    return known


def _end_of(day: date, zone: str) -> datetime:
    midnight = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
    return midnight.astimezone(UTC).replace(tzinfo=None)
