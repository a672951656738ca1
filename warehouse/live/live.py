"""What a home says now: its current build, and what the collector took since.

The one place that Active now and the reading endpoints ask. It takes no lock and writes nothing
into the home; whatever keeps it from the tail, the build still answers, and why is told.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

import duckdb

from etl.collector.spool_files import is_spool_path
from etl.config.settings import Settings, load_settings
from etl.errors import DwellError, in_brief
from etl.lake import Lake
from etl.load.spooled import spool_request
from etl.load.typed_lines import TypedLines, typed_lines
from warehouse.bearers import refuse_unmade
from warehouse.build.publish import fingerprints_of
from warehouse.build_files import Build, current
from warehouse.connection import Warehouse
from warehouse.connection import open as open_warehouse
from warehouse.live.live_warehouse import LiveWarehouse
from warehouse.live.sessions import LakeMoved, LiveSessions, Made
from warehouse.live.tail import MOST_LINES, Tail, TailChanged, TailTooLong, has_spool
from warehouse.live.workplace import SEARCH_PATH, sql

log = logging.getLogger(__name__)
_TRIES = 3
# What kept from the tail may have passed: a full disk, a dwell.toml that was half written.
_TRY_AGAIN_AFTER = 30.0
_NO_TAIL = "what came since the build is not parted by scopes: a scope is told of the build alone"


@dataclass(frozen=True)
class Seen:
    """How a home was when somebody looked.

    build    the current one, whose number and times it has
    token    another one whenever there is something new
    live     the build and the tail as one warehouse; None where the build says all
    events   events of the tail that are not in the build
    problem  why the tail is not looked at; None where it is, or there is none
    """

    build: Build
    token: str
    live: Warehouse | None = None
    events: int = 0
    problem: str | None = None

    @contextmanager
    def answering(self, home: Path) -> Iterator[Warehouse]:
        """What answers: build and tail, else the build alone, open as long as it is asked."""
        if self.live:
            yield self.live
            return
        with open_warehouse(home, build=self.build.number) as wh:
            yield wh


class Live:
    """One home, looked at again and again. Safe to share between threads: they wait for each other.

    settings  reads the home's settings, once for each build; unless given, as every command does
    threads   the most that the engine takes
    every     what was seen is good for so many seconds, however many look
    """

    def __init__(
        self,
        home: Path,
        settings: Callable[[], Settings] | None = None,
        threads: int = 2,
        every: float = 0.8,
    ) -> None:
        self.home, self.threads, self.every = home, threads, every
        self.settings = settings or (lambda: load_settings(home))
        self._lock = Lock()
        self._of_build: _OfBuild | None = None
        self._looked_at = self._began_at = -every

    def look(self, now: datetime | None = None) -> Seen:
        """The home as it is now. NoBuild where there is no build, BuildError where its pointer is
        broken.
        """
        # What is loaded while this looks is then in the tail, and in no build: never in neither.
        build = current(self.home)
        if not has_spool(self.home):
            return Seen(build, f"{build.number}")
        with self._lock:
            if self._of_build is None or self._of_build.build != build:
                self._of_build = _OfBuild(self, build)
                self._began_at = time.monotonic()
            elif time.monotonic() - self._looked_at < self.every:
                return self._of_build.seen
            elif self._of_build.may_pass and time.monotonic() - self._began_at > _TRY_AGAIN_AFTER:
                self._of_build = _OfBuild(self, build)
                self._began_at = time.monotonic()
            self._looked_at = time.monotonic()
            for _ in range(_TRIES):
                try:
                    return self._of_build.look(now or datetime.now(UTC))
                except (TailChanged, LakeMoved) as error:
                    # Files of the lake were merged, or lines taken back: from the beginning.
                    why = str(error)
                    self._of_build = _OfBuild(self, build)
            return self._of_build.without(why)

    def close(self) -> None:
        """Lets go of all that is held in memory."""
        with self._lock:
            if self._of_build:
                self._of_build.close()
            self._of_build = None


class BuildAlone:
    """The home of a scope: its build alone, as there is no tail of it.

    What came since the build may be of anybody, and only a build tells whose rows a scope has.
    """

    def __init__(self, home: Path) -> None:
        self.home = home

    def look(self) -> Seen:
        """The home as it is now. NoBuild where there is no build."""
        refuse_unmade(self.home)
        build = current(self.home)
        return Seen(build, f"{build.number}-alone", problem=_NO_TAIL)


class _OfBuild:
    """The tail of one build. For one thread at a time."""

    def __init__(self, live: Live, build: Build) -> None:
        self.live, self.build = live, build
        self.tail = Tail(live.home, ())
        self.sessions: LiveSessions | None = None
        self.typed: TypedLines | None = None
        self.made: Made | None = None
        self.seen, self.is_too_long = Seen(build, f"{build.number}"), False
        try:
            self._begin()
        except (DwellError, duckdb.Error, OSError) as error:
            self.without(in_brief(error))

    @property
    def may_pass(self) -> bool:
        """Whether there is a problem that may be gone without another build."""
        return self.seen.problem is not None and not self.is_too_long

    def look(self, now: datetime) -> Seen:
        """What the build and the tail say now."""
        if self.seen.problem:
            return self.seen
        try:
            self._read_on(now)
        except (TailTooLong, duckdb.OutOfMemoryException):
            self.is_too_long = True
            return self.without(
                f"more came since than is held in memory, {MOST_LINES:,} events at most: "
                "'dwell run' makes a build of them"
            )
        except (DwellError, duckdb.Error, OSError) as error:
            log.exception("the tail of %s cannot be read", self.live.home)
            return self.without(in_brief(error))
        return self.seen

    def close(self) -> None:
        """Lets go of what is held; what was seen can be asked no more."""
        if self.sessions and self.typed:
            self.sessions.con.close()
            self.typed.con.close()

    def without(self, why: str) -> Seen:
        """The build alone, until the next try or another build, and why."""
        self.sessions = self.typed = self.made = None
        self.seen = Seen(self.build, f"{self.build.number}-alone", problem=why)
        return self.seen

    def _begin(self) -> None:
        self.state = Lake(self.live.home).state()
        settings = self.live.settings()
        made_of, now = self.build.fingerprints, fingerprints_of(settings, self.state)
        if made_of.get("models") != now["models"]:
            self.without("the build was made by another version of Dwell: run 'dwell build'")
        elif made_of.get("settings") != now["settings"]:
            self.without("dwell.toml has changed since: the next build makes all sessions by it")
        elif made_of.get("prune") != now["prune"]:
            self.without("old events are being pruned: wait for the next build")
        elif made_of.get("erased") != now.get("erased"):
            self.without("people are being forgotten: wait for the next build")
        self.wanted = settings
        self.sources = {source.name: source for source in settings.sources}
        with open_warehouse(self.live.home, build=self.build.number) as wh:
            rows = wh.sql(sql("loaded_files")).fetchall()
        files = ((source, Path(file)) for source, file in rows)
        self.tail.loaded = {(s, file.name) for s, file in files if is_spool_path(file)}

    def _read_on(self, now: datetime) -> None:
        """Adds what came since, and what is due since."""
        is_new = False
        for piece in self.tail.more():
            if self.sessions is None or self.typed is None:
                threads = self.live.threads
                self.sessions = LiveSessions(self.build, self.wanted, self.state, threads)
                self.typed = typed_lines(self.wanted, self.state, threads, now)
            request = spool_request(piece.source, self.sources.get(piece.source))
            request = replace(request, rules=self.wanted.rules_of(piece.source))
            events = self.typed.events(piece.lines, piece.name, request, now)
            if events is not None and events.num_rows:
                self.sessions.add(events)
                is_new = True
        if self.sessions and (is_new or self._is_due(now)):
            self._see(self.sessions, now)

    def _is_due(self, now: datetime) -> bool:
        """Whether a time has come that was ahead of the clock."""
        due = self.made.next_time if self.made else None
        return due is not None and due <= now.astimezone(UTC).replace(tzinfo=None)

    def _see(self, sessions: LiveSessions, now: datetime) -> None:
        made = sessions.make(now)
        if not made or not sessions.events:
            return
        self.made = made
        con, home = sessions.con, self.live.home
        live = LiveWarehouse(home, self.build, con, SEARCH_PATH, made.as_of)
        token = f"{self.build.number}-{made.number}"
        self.seen = Seen(self.build, token, live, sessions.events)
