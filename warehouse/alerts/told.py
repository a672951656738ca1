"""One step of time: what days come to, given what is remembered. A check takes one such step, a
replay one for each day. Reads nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from etl.config.alerts import EVERY_FAULT
from warehouse.alerts.episodes import Episode, Run, What, follow
from warehouse.alerts.judged import Judged, Subject, key_of
from warehouse.alerts.state import Remembered, Since

# Days that are judged again, for what came late.
LOOKED_BACK = timedelta(days=27)
# What late events make of a day is told so long after it.
TOLD_LATE = timedelta(days=7)


@dataclass(frozen=True)
class Told:
    """What is to be told of an alert: that it began, became an alarm, or is over."""

    what: What
    subject: Subject
    episode: Episode


def take_step(
    state: Remembered, judged: Mapping[Subject, Sequence[Judged]], at: datetime
) -> list[Told]:
    """Notes in the state what these days come to at a naive UTC time; what of it is to be told."""
    told: list[Told] = []
    for subject, days in judged.items():
        since = state.judged.get(since_name(subject))
        if since and since.reading != subject.reading:
            since = None
        mine = [each for each in state.episodes if each.key == subject.key]
        is_news = _is_news(since, days)
        followed = follow(subject, mine, days, at, is_news, is_first=since is None)
        state.episodes = [each for each in state.episodes if each.key != subject.key]
        state.episodes += followed.episodes
        told += [Told(what, subject, episode) for what, episode in followed.told]
    _note_judged(state, judged)
    state.episodes.sort(key=lambda each: (each.started_at, each.began_on))
    return told


def _is_news(since: Since | None, days: Sequence[Judged]) -> Callable[[Run], bool]:
    """Whether a run of days is told: what is still on, and but for the first time what was on on
    a new day, or on one of the last that late events have changed, or what was not known before.
    """
    newest = max((day.day for day in days if day.state != "unknown"), default=date.min)

    def is_news(run: Run) -> bool:
        last = run.on[-1].day
        if run.over_on is None or since is None:
            return run.over_on is None
        is_late = last >= max(since.first, newest - TOLD_LATE)
        return last > since.last or is_late or any(day.is_new for day in run.on)

    return is_news


def _note_judged(state: Remembered, judged: Mapping[Subject, Sequence[Judged]]) -> None:
    for subject, days in judged.items():
        if subject.kind == "behaviour":
            newest = max((day.day for day in days if day.state != "unknown"), default=None)
            if newest:
                note_until(state, subject.alert, subject.reading, newest)


def since_name(subject: Subject) -> str:
    """By which it is noted since when a subject is judged: faults have one name for each source."""
    if subject.kind == "behaviour":
        return subject.alert
    return key_of(EVERY_FAULT, subject.source)


def note_until(
    state: Remembered, name: str, reading: str, newest: date, heard_at: datetime | None = None
) -> None:
    """Notes up to which day an alert, or the faults of a source, were judged."""
    since = state.judged.get(name)
    if since and since.reading == reading:
        first, newest = since.first, max(since.last, newest)
        heard_at = max(filter(None, (since.heard_at, heard_at)), default=None)
        state.judged[name] = Since(reading, first, newest, heard_at)
    else:
        state.judged[name] = Since(reading, newest, newest, heard_at)
