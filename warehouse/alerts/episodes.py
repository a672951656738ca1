"""What days come to: an alert is told once when it begins, and once when it is over.

An episode goes on through days that cannot be judged and through held-back ones. What was told
stays told: the days of a rebuilt past may end an episode, and never tell it again. Pure.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from warehouse.alerts.judged import Judged, Subject


@dataclass(frozen=True)
class Episode:
    """One time that an alert was on, or was held back. Times are naive UTC.

    began_on    the local day, or the first of the week, that it began on
    until       the last one that it held on
    over_on     the day that it was found to be over on; None while it is on
    began_before  whether nobody looked at the days before `began_on`: it may have begun earlier
    started_at, ended_at  when it was noted
    value, limit, sentence  of the newest day; severity is the highest of all
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

    @property
    def key(self) -> str:
        """That of its subject."""
        return f"{self.alert} {self.source}" if self.source else self.alert


@dataclass
class Run:
    """Days on which an alert was on, none of them followed by one on which it was off."""

    is_held: bool
    on: list[Judged] = field(default_factory=list)
    over_on: date | None = None
    continued: Episode | None = None


@dataclass(frozen=True)
class Followed:
    """The episodes of one subject, all of them, and those of them to be told: that began, that
    became an alarm, that are over. None of these was held back.
    """

    episodes: list[Episode]
    began: list[Episode] = field(default_factory=list)
    rose: list[Episode] = field(default_factory=list)
    ended: list[Episode] = field(default_factory=list)


def follow(
    subject: Subject,
    known: Sequence[Episode],
    days: Sequence[Judged],
    at: datetime,
    is_news: Callable[[Run], bool],
) -> Followed:
    """The episodes after these days, given those that were known before; `at` is when.

    A run of days that goes on no episode is one of its own where it is news.
    """
    first = days[0].day if days else None
    open_before = [e for e in known if e.over_on is None and first and e.began_on < first]
    runs = _runs(days, open_before)
    episodes = list(known)
    off = [day.day for day in days if day.state == "off"]
    began, rose, ended = [], [], []
    for run in runs:
        for episode, part in _matched(run, episodes, off):
            if episode is None:
                if not part.on or not is_news(part):
                    continue
                new = replace(_begun(subject, part, at), began_before=part.on[0].day == first)
                episodes.append(new)
                if not part.is_held:
                    began.append(new)
                    ended += [new] if new.over_on else []
                continue
            later = _went_on(episode, part, at)
            episodes[episodes.index(episode)] = later
            if not part.is_held:
                if (episode.severity, later.severity) == ("warning", "alarm"):
                    rose.append(later)
                ended += [later] if later.over_on and not episode.over_on else []
    for place, episode in enumerate(episodes):
        over = _gone(episode, off) if episode.over_on is None else None
        if over:
            episodes[place] = replace(episode, over_on=over, ended_at=at)
            ended += [] if episode.held_back_by else [episodes[place]]
    return Followed(sorted(episodes, key=lambda e: (e.began_on, e.started_at)), began, rose, ended)


def _runs(days: Sequence[Judged], open_before: Sequence[Episode]) -> list[Run]:
    """The runs of days, those first that go on from episodes of before."""
    told = held = None
    for episode in open_before:
        run = Run(bool(episode.held_back_by), continued=episode)
        told, held = (told, run) if run.is_held else (run, held)
    runs = [run for run in (told, held) if run]
    for day in days:
        if day.state == "off":
            for run in filter(None, (told, held)):
                run.over_on = day.day
            told = held = None
        elif day.state == "on" and not day.held_back_by:
            if held:
                held.over_on, held = day.day, None
            if told is None:
                told = Run(is_held=False)
                runs.append(told)
            told.on.append(day)
        elif day.state == "on" and told is None:
            if held is None:
                held = Run(is_held=True)
                runs.append(held)
            held.on.append(day)
    return runs


def _matched(
    run: Run, episodes: Sequence[Episode], off: Sequence[date]
) -> list[tuple[Episode | None, Run]]:
    """A run with the episode that it goes on, and what of it is left after one that was over.

    `off` are the days on which it was off: no episode goes on over one.
    """
    if run.continued:
        return [(run.continued, run)]
    found: list[tuple[Episode | None, Run]] = []
    rest = run.on
    for episode in episodes:
        if bool(episode.held_back_by) is not run.is_held or not rest:
            continue
        if episode.over_on is None:
            if episode.began_on <= rest[-1].day and not any(
                episode.until <= day < rest[0].day for day in off
            ):
                return [*found, (episode, replace(run, on=rest))]
        elif episode.began_on <= rest[-1].day:
            # What was told as over is not told again; days after it are another time.
            over, until = episode.over_on, episode.until
            covered = [day for day in rest if day.day <= until or day.day < over]
            rest = rest[len(covered) :]
    return [*found, (None, replace(run, on=rest))]


def _begun(subject: Subject, run: Run, at: datetime) -> Episode:
    told = run.on[-1]
    return Episode(
        subject.alert,
        subject.label,
        subject.kind,
        subject.source,
        _highest(day.severity for day in run.on),
        run.on[0].day,
        run.on[-1].day,
        at,
        told.value,
        told.limit,
        told.sentence,
        subject.per,
        told.held_back_by,
        run.over_on,
        at if run.over_on else None,
    )


def _went_on(episode: Episode, run: Run, at: datetime) -> Episode:
    later = episode
    if run.on:
        told = run.on[-1]
        later = replace(
            later,
            until=max(episode.until, run.on[-1].day),
            severity=_highest((episode.severity, *(day.severity for day in run.on))),
            value=told.value,
            limit=told.limit,
            sentence=told.sentence,
        )
    if run.over_on and episode.over_on is None:
        later = replace(later, over_on=run.over_on, ended_at=at)
    return later


def _gone(episode: Episode, off: Sequence[date]) -> date | None:
    """The first day off, of an episode that no run of days goes on any more."""
    return next((day for day in off if day >= episode.until), None)


def _highest(severities: Iterable[str]) -> str:
    return "alarm" if "alarm" in severities else "warning"
