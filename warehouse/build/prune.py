"""dwell prune: old raw events leave, the numbers of their days stay. Makes the builds around it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb

from etl.config.days import checked_day
from etl.config.durations import LONGEST
from etl.config.settings import Settings
from etl.duck import connect, quoted
from etl.errors import ConfigError
from etl.lake import Lake, LakeState
from etl.lake.prune import prune_events
from etl.lake.records import Pruned
from warehouse.build.publish import build
from warehouse.build.retained import find_leaving, lay_out_kept, write_kept
from warehouse.build.runner import OnStep, ignore_step
from warehouse.build_files import Build

_MEMORY_LIMIT = "2GB"


@dataclass(frozen=True)
class Prune:
    """What a prune did, or would do.

    before          the first local day whose events all stay; None when there are no events
    events          events that left
    sessions        sessions that left
    events_staying  events before that day which stay, as their session goes on past it
    build           the current build afterwards
    """

    before: date | None
    events: int
    sessions: int
    events_staying: int
    build: Build


def prune(
    settings: Settings,
    *,
    older_than: timedelta | None = None,
    before: date | None = None,
    dry_run: bool = False,
    on_step: OnStep = ignore_step,
) -> Prune:
    """Takes out events older than so long before as-of, or those before a local day. Hold the lock.

    Whole local days leave, and only sessions that are over. What the build says of those days is
    kept. ConfigError when the time is shorter than a day, or the day later than that of as-of;
    else the errors of build. Nothing older: nothing is done.
    """
    lake = Lake(settings.home)
    current = build(settings, on_step=on_step)
    cut = _cut(current, settings, older_than, before)
    state = lake.state()
    earlier = state.pruned
    if cut is None or (earlier and cut <= earlier.before):
        return Prune(earlier.before if earlier else cut, 0, 0, 0, current)
    zone = ZoneInfo(settings.time_zone)
    time = datetime(cut.year, cut.month, cut.day, tzinfo=zone).astimezone(UTC).replace(tzinfo=None)
    lake.spill.mkdir(parents=True, exist_ok=True)
    with connect(config={"temp_directory": str(lake.spill), "memory_limit": _MEMORY_LIMIT}) as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute(f"attach {quoted(current.path)} as published (read_only)")
        con.execute("use published")
        lay_out_kept(con, state)
        find_leaving(con, time)
        (events, sessions, staying) = con.execute(
            "select (select coalesce(sum(event_count), 0)::bigint from leaving_sessions), "
            "(select count(*) from leaving_sessions), (select count(*) from staying_events)"
        ).fetchall()[0]
        if dry_run or not sessions:
            return Prune(cut, events, sessions, staying, current)
        pruned = _pruned(con, state, settings, cut, time, (events, sessions))
        staged = lake.staged()
        write_kept(con, staged / pruned.kept, cut, settings.pattern_sessions)
        con.execute("use memory")
        con.execute("detach published")
        prune_events(con, lake, state, pruned, staged)
    return Prune(cut, events, sessions, staying, build(settings, on_step=on_step))


def _cut(
    current: Build, settings: Settings, older_than: timedelta | None, before: date | None
) -> date | None:
    """The first local day that stays; None when there are no events."""
    if current.as_of is None:
        return None
    as_of = current.as_of.replace(tzinfo=UTC)
    zone = ZoneInfo(settings.time_zone)
    today = as_of.astimezone(zone).date()
    if before is not None:
        checked_day(before, "Events cannot be pruned before")
        if before > today:
            msg = (
                f"{before} is later than the day of the newest event, {today}. Wanted: a day up "
                "to that one; its events stay."
            )
            raise ConfigError(msg)
        return before
    if older_than is None or older_than < timedelta(days=1):
        msg = f"Events cannot be pruned after {older_than}. Wanted: a day or more, such as 30d."
        raise ConfigError(msg)
    return (as_of - min(older_than, LONGEST)).astimezone(zone).date()


def _pruned(
    con: duckdb.DuckDBPyConnection,
    state: LakeState,
    settings: Settings,
    before: date,
    time: datetime,
    leaving: tuple[int, int],
) -> Pruned:
    """The record of this prune, which adds to those before it."""
    streams = con.execute(
        "select distinct stream from leaving_sessions where query_count > 0"
    ).fetchall()
    queried = {stream for (stream,) in streams}
    events, sessions = leaving
    if state.pruned:
        queried |= set(state.pruned.queried)
        events += state.pruned.events
        sessions += state.pruned.sessions
    return Pruned(
        before=before,
        time=time,
        time_zone=settings.time_zone,
        kept=f"kept/{state.number + 1:08d}",
        events=events,
        sessions=sessions,
        queried=tuple(sorted(queried)),
        pruned_at=datetime.now(UTC).isoformat(),
    )
