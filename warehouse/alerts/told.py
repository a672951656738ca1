"""One step of time: what days come to, given what is remembered. A check takes one such step, a
replay one for each day. Reads nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from etl.config.alerts import EVERY_FAULT
from warehouse.alerts.episodes import Episode, Run, follow
from warehouse.alerts.judged import Judged, Subject
from warehouse.alerts.state import Remembered, Since

# Days that are judged again, for what came late.
LOOKED_BACK = timedelta(days=27)
# What late events make of a day is told so long after it.
TOLD_LATE = timedelta(days=7)


@dataclass(frozen=True)
class Told:
    """What is to be told of an alert: that it began, became an alarm, or is over."""

    what: Literal["began", "rose", "ended"]
    subject: Subject
    episode: Episode


def take_step(
    state: Remembered, judged: Mapping[Subject, Sequence[Judged]], at: datetime
) -> list[Told]:
    """Notes in the state what these days come to at a naive UTC time; what of it is to be told."""
    told: list[Told] = []
    for subject, days in judged.items():
        name = subject.alert if subject.kind == "behaviour" else EVERY_FAULT
        since = state.judged.get(name)
        if since and since.reading != subject.reading:
            since = None
        mine = [each for each in state.episodes if each.key == subject.key]
        followed = follow(subject, mine, days, at, _is_news(since, days))
        state.episodes = [each for each in state.episodes if each.key != subject.key]
        state.episodes += followed.episodes
        new = [Told("began", subject, episode) for episode in followed.began]
        new += [Told("rose", subject, episode) for episode in followed.rose]
        new += [Told("ended", subject, episode) for episode in followed.ended]
        told += sorted(new, key=lambda each: each.episode.began_on)
    _note_judged(state, judged)
    state.episodes.sort(key=lambda each: (each.started_at, each.began_on))
    return told


def _is_news(since: Since | None, days: Sequence[Judged]) -> Callable[[Run], bool]:
    """Whether a run of days is told: at first what is still on, then what is on on a new day, or
    on one of the last that late events have changed.
    """
    newest = max((day.day for day in days if day.state != "unknown"), default=date.min)

    def is_news(run: Run) -> bool:
        last = run.on[-1].day
        if since is None:
            return run.over_on is None
        return last > since.last or last >= max(since.first, newest - TOLD_LATE)

    return is_news


def _note_judged(state: Remembered, judged: Mapping[Subject, Sequence[Judged]]) -> None:
    for subject, days in judged.items():
        if subject.kind == "behaviour":
            newest = max((day.day for day in days if day.state != "unknown"), default=None)
            if newest:
                note_until(state, subject.alert, subject.reading, newest)


def note_until(state: Remembered, name: str, reading: str, newest: date) -> None:
    """Notes up to which day an alert, or all faults, were judged."""
    since = state.judged.get(name)
    if since and since.reading == reading:
        state.judged[name] = Since(reading, since.first, max(since.last, newest))
    else:
        state.judged[name] = Since(reading, newest, newest)
