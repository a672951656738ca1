"""What days come to: an alert is told once when it begins, and once when it is over.

An episode goes on through days that cannot be judged and through held-back ones. What was told
stays told: the days of a rebuilt past may end an episode, and are told again only where the newest
of them is on after all. Of a subject one episode is open at most, told or held back. Pure.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Literal

from warehouse.alerts.judged import Judged, Subject, key_of


@dataclass(frozen=True)
class Episode:
    """One time that an alert was on, or was held back. Times are naive UTC.

    began_on    the local day, or the first of the week, that it began on
    until       the last one that it held on
    over_on     the day that it was found to be over on; None while it is on
    began_before  whether nobody looked at the days before `began_on`: it may have begun earlier
    started_at, ended_at  when it was noted
    value, limit, sentence  of the newest day; severity is the highest of all
    count       how many of its alert and source had begun on that day, with it
    """

    alert: str
    label: str
    kind: str
    source: str | None
    severity: str
    began_on: date
    until: date
    started_at: datetime
    value: float | None
    limit: float | None
    sentence: str
    per: str = "day"
    held_back_by: str | None = None
    over_on: date | None = None
    ended_at: datetime | None = None
    began_before: bool = False
    count: int = 1

    @property
    def is_held(self) -> bool:
        """Whether it is not told."""
        return self.held_back_by is not None

    def has(self, day: date) -> bool:
        """Whether a day is one of its days, those included that nothing was known of."""
        return self.began_on <= day and (day < self.over_on if self.over_on else day <= self.until)

    @property
    def key(self) -> str:
        """That of its subject."""
        return key_of(self.alert, self.source)


What = Literal["began", "rose", "ended"]


@dataclass
class Run:
    """Days in a row on which an alert was on, or may have been: none of them was off.

    days  those that were on, and those of an episode that say nothing now, or are held back now
    on    what was found on those that count
    """

    is_held: bool
    days: list[date] = field(default_factory=list)
    on: list[Judged] = field(default_factory=list)
    over_on: date | None = None
    continued: Episode | None = None


@dataclass(frozen=True)
class Followed:
    """The episodes of one subject, all of them, and what is to be told of which, in order: that it
    began, became an alarm, or is over. None of these was held back.
    """

    episodes: list[Episode]
    told: list[tuple[What, Episode]]


def follow(
    subject: Subject,
    known: Sequence[Episode],
    days: Sequence[Judged],
    at: datetime,
    is_news: Callable[[Run], bool],
    *,
    is_first: bool = False,
) -> Followed:
    """The episodes after these days, given those that were known before; `at` is when, `is_first`
    whether nobody looked before.

    A run of days that goes on no episode is one of its own where it is news.
    """
    runs = _runs(days, known)
    episodes: list[Episode] = []
    told: list[tuple[What, Episode]] = []
    gone_on = [run.continued for run in runs if run.continued]
    for each in known:
        if each not in gone_on:
            over = None if each.over_on else _gone(each, days)
            episodes.append(replace(each, over_on=over, ended_at=at) if over else each)
            told += [("ended", episodes[-1])] if over and not each.is_held else []
    for run in runs:
        run.on = _untold(run, episodes)
        if run.continued:
            episode = run.continued
            later = _went_on(episode, run, at)
            rose = (episode.severity, later.severity) == ("warning", "alarm")
            new: list[What] = ["rose"] if rose else []
        elif not run.on or not is_news(run):
            continue
        else:
            later = _begun(subject, run, at, [*episodes, *gone_on])
            later = replace(later, began_before=is_first and run.on[0] is days[0])
            new = ["began"]
        episodes.append(later)
        new += ["ended"] if later.over_on else []
        told += [(what, later) for what in new if not run.is_held]
    return Followed(sorted(episodes, key=lambda e: (e.began_on, e.started_at)), told)


def _runs(days: Sequence[Judged], known: Sequence[Episode]) -> list[Run]:
    """The runs of days, the one first that goes on an episode of before them."""
    known = list(known)
    runs: list[Run] = []
    run: Run | None = None

    def end(run: Run, day: date) -> None:
        run.over_on = day
        if run.continued:
            known.remove(run.continued)

    for episode in known:
        is_before = bool(days) and episode.began_on < days[0].day
        if is_before and not episode.over_on and (run is None or run.is_held):
            run = Run(episode.is_held, continued=episode)
    runs += [run] if run else []
    for day in days:
        of = [each for each in known if each.has(day.day)]
        goes_on = run and not run.is_held and (run.continued or _untold(run, known))
        is_told = goes_on or any(not each.is_held for each in of)
        is_held = not is_told and (day.held_back_by is not None or day.state == "unknown")
        if day.state == "unknown" and not of:
            continue
        if run and (day.state == "off" or run.is_held is not is_held):
            end(run, day.day)
            run = None
        if day.state == "off":
            continue
        if run is None:
            run = Run(is_held)
            runs.append(run)
        of = [each for each in of if each.is_held is run.is_held]
        counts = day.state == "on" and (run.is_held or not day.held_back_by)
        run.on += [day] if counts else []
        run.days += [day.day] if counts or of else []
        run.continued = run.continued or next((each for each in of if not each.over_on), None)
    return runs


def _untold(run: Run, episodes: Sequence[Episode]) -> list[Judged]:
    """The days of a run behind those that were told as over; where it is on, since that day."""
    rest = run.on
    for each in episodes:
        if rest and each.over_on and each.is_held is run.is_held and each.began_on <= run.days[-1]:
            over, until = each.over_on, each.until
            rest = [d for d in rest if d.day >= over and (d.day > until or run.over_on is None)]
    return rest


def _begun(subject: Subject, run: Run, at: datetime, others: Sequence[Episode]) -> Episode:
    told, began_on = run.on[-1], run.on[0].day
    alike = [each for each in others if each.began_on == began_on and each.is_held is run.is_held]
    return Episode(
        subject.alert,
        subject.label,
        subject.kind,
        subject.source,
        _highest(day.severity for day in run.on),
        began_on,
        told.day,
        at,
        told.value,
        told.limit,
        told.sentence,
        subject.per,
        told.held_back_by,
        run.over_on,
        at if run.over_on else None,
        count=1 + max((each.count for each in alike), default=0),
    )


def _went_on(episode: Episode, run: Run, at: datetime) -> Episode:
    until = max([episode.until, *(day.day for day in run.on)])
    if run.over_on and until >= run.over_on:
        # Days behind one that was off are not its days any more.
        before = run.over_on - timedelta(days=7 if episode.per == "week" else 1)
        until = max(run.days[-1] if run.days else before, episode.began_on)
    later = replace(episode, until=until, over_on=run.over_on, ended_at=at if run.over_on else None)
    if not run.on:
        return later
    told = run.on[-1]
    return replace(
        later,
        severity=_highest((episode.severity, *(day.severity for day in run.on))),
        value=told.value,
        limit=told.limit,
        sentence=told.sentence,
    )


def _gone(episode: Episode, days: Sequence[Judged]) -> date | None:
    """The day that an episode is over on which no run of days goes on any more."""
    since = [day for day in days if day.day >= episode.began_on]
    known = [day.day for day in since if day.state != "unknown"]
    return next(iter([*known, *(day.day for day in since)]), None)


def _highest(severities: Iterable[str]) -> str:
    return "alarm" if "alarm" in severities else "warning"
