"""Faults of the data, each day judged by what was there at its end; and those that are now."""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from etl.config.settings import Settings
from etl.lake import Lake
from warehouse.alerts import words
from warehouse.alerts.judged import Judged, Subject
from warehouse.alerts.rules import FaultRule
from warehouse.build_files import Build, last_build
from warehouse.connection import Warehouse
from warehouse.health import problems
from warehouse.query import has_table, run
from warehouse.written import day as written_day
from warehouse.written import plural

# Faults that are, or are not, whatever the days say: those of the home, and of a source.
OF_HOME = ("nothing_loaded", "damaged", "disk_low")
OF_NOW = (*OF_HOME, "late_source")
# A home of older data is one that nothing is loaded into: all else that it says is old news.
OLD_AFTER = timedelta(days=7)
# A source that is later than so, and than twice what it takes, has ended: nobody waits for it.
ENDED_AFTER = timedelta(days=28)
# So long a source is waited for of which it is not known how often it comes.
_AT_FIRST = timedelta(days=7)
_SOME_HOURS = timedelta(hours=12)
# So many load days tell how often a source comes.
_LEAST_LOAD_DAYS = 3
_LEAST_ROOM = 1_000_000_000


@dataclass(frozen=True)
class Fault:
    """A fault of a source on some local days, and the day at whose end it is known. Where a load
    alone tells it, that was at `known_at`, naive UTC.
    """

    kind: str
    source: str
    first: date
    last: date
    told: date
    known_at: datetime | None
    evidence: str

    def touches(self, first: date, last: date) -> bool:
        """Whether it has one of these days."""
        return self.first <= last and self.last >= first


@dataclass(frozen=True)
class SourceDays:
    """How far a source goes. None where no load of it is known.

    first      its first day with a session
    last       its last one
    loaded_on  the local day of its last load: those before it are complete
    loaded_at  when that was, naive UTC
    new_at     when something new came last
    due_at     until when something new is waited for; None where nobody knows that it goes on
    ended_at   from when on nobody waits for it
    has_habit  whether that is known by how often it came, and not a week at first
    """

    source: str
    first: date
    last: date
    loaded_on: date | None
    loaded_at: datetime | None
    new_at: datetime | None
    due_at: datetime | None
    ended_at: datetime | None
    has_habit: bool

    def is_late(self, now: datetime) -> bool:
        """Whether something new should have come, and may still."""
        if self.due_at is None or self.ended_at is None:
            return False
        return self.has_habit and self.due_at < now < self.ended_at

    def is_awaited(self, now: datetime) -> bool:
        """Whether something new is to come, in time."""
        return self.due_at is not None and now <= self.due_at


@dataclass(frozen=True)
class Known:
    """What is known of the data: its sources, the faults of their days, and which of the sources
    are late at the moment, or awaited. `today` is the running day.
    """

    sources: Sequence[SourceDays]
    faults: Sequence[Fault]
    late: Sequence[SourceDays]
    awaited: Sequence[SourceDays]
    today: date

    def of_sources(self, names: frozenset[str]) -> "Known":
        """What is known of these sources alone."""
        return Known(
            [each for each in self.sources if each.source in names],
            [fault for fault in self.faults if fault.source in names],
            [each for each in self.late if each.source in names],
            [each for each in self.awaited if each.source in names],
            self.today,
        )

    @property
    def complete_before(self) -> date:
        """The first day that something may still come of, from a source that is awaited."""
        return min([self.today, *(each.loaded_on for each in self.awaited if each.loaded_on)])

    def known_before(self, source: str) -> date:
        """The first day that something may still come of, from this source."""
        loads = [each.loaded_on for each in self.sources if each.source == source]
        return min([self.today, *filter(None, loads)])

    @property
    def begun_on(self) -> date:
        """The first day of the data, which may have begun at noon."""
        return min((each.first for each in self.sources), default=date.min)

    def reason(self, first: date, last: date) -> str | None:
        """Why these days are not judged as what people did; None where nothing is known to be
        wrong with them at their end.
        """
        found = [
            words.had_fault(fault.kind, fault.source, fault.first, fault.last)
            for fault in self.faults
            if fault.touches(first, last) and fault.told <= last
        ]
        found += [
            words.is_late(each.source, each.loaded_on)
            for each in self.late
            if each.loaded_on and each.loaded_on <= last
        ]
        return ", ".join(dict.fromkeys(found)) or None


def known_of(wh: Warehouse, now: datetime) -> Known:
    """What is known of a build at a naive UTC time."""
    sources = _source_days(wh)
    late = [each for each in sources if each.is_late(now)]
    awaited = [each for each in sources if each.is_awaited(now)]
    return Known(sources, _faults_of(wh), late, awaited, wh.as_of_date or date.min)


def _source_days(wh: Warehouse) -> list[SourceDays]:
    """The sources of a build by name; none in one of before Dwell counted their days."""
    if not has_table(wh, "source_days"):
        return []
    found = []
    for row in run(wh, "alerts.loads").iter_rows(named=True):
        new_at = row["last_new_at"]
        has_habit = (row["load_day_count"] or 0) >= _LEAST_LOAD_DAYS
        gap = timedelta(days=row["usual_gap_days"]) + _SOME_HOURS if has_habit else _AT_FIRST
        # What ended long before it was loaded is an archive, unless more has come.
        is_live = new_at and (has_habit or new_at.date() - row["last_date"] <= _AT_FIRST)
        found.append(
            SourceDays(
                row["source"],
                row["first_date"],
                row["last_date"],
                row["last_load_date"],
                row["last_loaded_at"],
                new_at,
                new_at + gap if is_live else None,
                new_at + max(ENDED_AFTER, 2 * gap) if is_live else None,
                has_habit,
            )
        )
    return found


def _faults_of(wh: Warehouse) -> list[Fault]:
    """All faults of the days of a build, in the order in which they became known."""
    if not has_table(wh, "source_days"):
        return []
    rows = run(wh, "alerts.faults", looks_ahead=False)
    return [Fault(*row) for row in rows.rows()]


def judged_faults(
    known: Known,
    rules: dict[str, FaultRule],
    open_before: Iterable[tuple[str, str]],
    first: date,
    last: date,
    heard: Mapping[str, datetime] | None = None,
) -> dict[Subject, list[Judged]]:
    """The days from first to last of each kind and source that was found in them, and of those
    that are on already; and from earlier ones on where one is known only by a load after the one
    that was heard of last, by source.
    """
    new = {each for each in known.faults if _is_new(each, heard or {})}
    starts: dict[tuple[str, str], date] = {}
    for fault in new:
        pair = (fault.kind, fault.source)
        starts[pair] = min(starts.get(pair, first), fault.told)
    found: dict[tuple[str, str], dict[date, list[Fault]]] = {pair: {} for pair in open_before}
    for fault in known.faults:
        pair = (fault.kind, fault.source)
        if starts.get(pair, first) <= fault.told <= last:
            found.setdefault(pair, {}).setdefault(fault.told, []).append(fault)
    judged = {}
    for (kind, source), of_days in found.items():
        until = known.known_before(source)
        if not rules[kind].off:
            judged[subject_of(rules[kind], source)] = [
                replace(
                    _judged(rules[kind], day, of_days.get(day, ()), is_known=day < until),
                    is_new=any(fault in new for fault in of_days.get(day, ())),
                )
                for day in _days(starts.get((kind, source), first), last)
            ]
    return judged


def _is_new(fault: Fault, heard: Mapping[str, datetime]) -> bool:
    last = heard.get(fault.source)
    return last is not None and fault.known_at is not None and fault.known_at > last


def _judged(rule: FaultRule, day: date, faults: Sequence[Fault], *, is_known: bool) -> Judged:
    if not faults:
        return Judged(day, "off" if is_known else "unknown")
    evidence = "; ".join(dict.fromkeys(fault.evidence for fault in faults))
    return Judged(day, "on", rule.severity, sentence=evidence)


def subject_of(rule: FaultRule, source: str | None) -> Subject:
    """A kind of fault, of a source or of the home."""
    return Subject(rule.kind, rule.label, "fault", source, rule.to)


def faults_of_now(
    wh: Warehouse | None,
    settings: Settings,
    sources: Sequence[SourceDays],
    rules: dict[str, FaultRule],
    now: datetime,
) -> dict[Subject, list[Judged]]:
    """What is wrong at an aware moment; the day is the local one. Of an old home its age alone is
    told beside what is damaged or full, and of a historic one not even that.
    """
    zone = ZoneInfo(wh.time_zone if wh else settings.time_zone)
    naive = now.astimezone(UTC).replace(tzinfo=None)
    told: list[tuple[str, str | None, str]] = []
    if wh and wh.as_of and is_old(wh, naive) and not settings.historic:
        age = plural((naive - wh.as_of).days, "day")
        told.append(("nothing_loaded", None, f"the newest event is {age} old"))
    elif not settings.historic:
        told += [
            ("late_source", each.source, f"nothing new has come since {_local(each.new_at, zone)}")
            for each in sources
            if each.new_at and each.is_late(naive)
        ]
    if damages := problems(Lake(settings.home).state(), settings.home):
        told.append(("damaged", None, " ".join(damages)))
    if room := low_disk(shutil.disk_usage(settings.home).free, last_build(settings.home)):
        told.append(("disk_low", None, room))
    today = now.astimezone(zone).date()
    return {
        subject_of(rule, source): [Judged(today, "on", rule.severity, sentence=sentence)]
        for kind, source, sentence in told
        if not (rule := rules[kind]).off
    }


def is_old(wh: Warehouse | None, now: datetime) -> bool:
    """Whether the newest data is older than a week, at a naive UTC time."""
    return wh is not None and wh.as_of is not None and now - wh.as_of > OLD_AFTER


def low_disk(free: int, build: Build | None) -> str:
    """What to say where another whole build may not fit beside this one; empty where it does."""
    size = sum(path.stat().st_size for path in build.files if path.exists()) if build else 0
    if free >= max(2 * size, _LEAST_ROOM):
        return ""
    return (
        f"{free / 1e9:,.1f} GB are free on the disk of the home, where a build takes "
        f"{size / 1e9:,.1f} GB and is made beside the last one"
    )


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return written_day(moment.replace(tzinfo=UTC).astimezone(zone).date())


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
