"""The sessions of a build and its tail together, made by the models that a build is made by.

As an increment does (warehouse/build/increment.py), it finds the sessions that new events may
change, takes their events out of the lake, and makes them anew; all others stay what they were.
What comes of it is what the next build says of the same events. It lies in memory: nothing is
written to the lake or to the build.

`working.known_sessions` has the sessions of all users that were looked up as they are now, of the
build (`is_built`) or made here; `working.events` the events of those that were made here.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb

from etl.config.settings import Settings
from etl.lake import LakeState
from warehouse.build.closure import close_sessions, events_of_closure
from warehouse.build.model_inputs import events_up_to
from warehouse.build.steps import step_sql
from warehouse.build_files import Build
from warehouse.live import workplace
from warehouse.live.known_ids import KnownIds
from warehouse.live.workplace import Workplace, sql

# To plan the work for so few events takes longer than the work.
_FEW = 2_000
_LOST = "the lake does not have all events of the build: 'dwell check' says more"


class LakeMoved(Exception):
    """The lake no longer has the events that the build was made of, as they were."""


@dataclass(frozen=True)
class Made:
    """What was made last.

    number     one more each time
    as_of      of the newest event, naive UTC
    next_time  of the next event that is still to come; None where none is
    """

    number: int
    as_of: datetime
    next_time: datetime | None


class LiveSessions:
    """The sessions of one build, to which events are added. For one thread at a time.

    place   where they are made; cursors of its connection may read, by other threads too
    events  how many were added
    """

    def __init__(self, build: Build, settings: Settings, state: LakeState, threads: int) -> None:
        self.build, self.state = build, state
        self.place = Workplace(build, settings, state, threads)
        self.con = self.place.con
        self.known = KnownIds(self.con, state)
        self.as_of = build.as_of
        self.number = self.events = 0
        self._look_up_users(is_first=True)

    def add(self, added: Any) -> None:
        """Adds events, a table as TypedLines yields it; those that were there before are not."""
        con = self.con
        con.register("events_added", added)
        self.place.keep("added_events", "from events_added")
        con.unregister("events_added")
        # All ids of the build are looked through only where one may be among them.
        looks = self.known.may_have_some_of("working.added_events")
        con.execute(f"create or replace temp view known_events as from built_events where {looks}")
        con.execute(f"insert into working.fresh_events {sql('fresh_events')}")

    def make(self, now: datetime) -> Made | None:
        """The sessions as they are now, with what was added since they were made last.

        None where nothing was, and nothing else has changed. LakeMoved where events of the build
        are not found.
        """
        ((fresh,),) = self.con.execute("select count(*) from working.fresh_events").fetchall()
        self.place.plan_quickly(is_little=fresh <= _FEW)
        self.con.execute("begin")
        try:
            made = self._make(fresh, now.astimezone(UTC).replace(tzinfo=None))
        except BaseException:
            self.con.execute("rollback")
            raise
        self.con.execute("commit")
        return made

    def _make(self, fresh: int, now: datetime) -> Made | None:
        before = self.as_of
        if fresh:
            self.con.execute(
                "insert into working.times_ahead select event_time from working.new_events"
            )
            self._look_up_users()
        next_time = self._move_as_of(now)
        if self.number and not fresh and self.as_of == before:
            return None
        self.events += fresh
        self.place.keep("new_spans", step_sql("new_spans"))
        self._find_reached()
        self._gather_events()
        self.place.make_sessions()
        self._replace_sessions()
        self._number_sessions()
        self.con.execute("delete from working.fresh_events")
        self.number += 1
        return Made(self.number, self.as_of, next_time) if self.as_of else None

    def _look_up_users(self, *, is_first: bool = False) -> None:
        """Finds the sessions of users that fresh events are about."""
        self.con.execute(
            f"create or replace temp table users_found as {sql('users_found')}",
            {"is_first": is_first},
        )
        self._look_up_found()

    def _look_up_found(self) -> None:
        if self.con.execute("from users_found limit 1").fetchall():
            self.place.know(
                "from built_sessions semi join users_found using (user_id)", is_built=True
            )
            self.con.execute("insert into working.users_looked_up from users_found")

    def _move_as_of(self, now: datetime) -> datetime | None:
        """Leaves int_as_of; the time of the next event that is still to come."""
        times = self.con.execute(sql("new_as_of"), {"now": now}).fetchall()
        as_of, next_time = times[0]
        if as_of is not None and (self.as_of is None or as_of > self.as_of):
            self.as_of = as_of
        elif self.as_of is None and next_time is not None:
            # All events are still to come.
            self.as_of = now
        self.con.execute(
            "create or replace temp table int_as_of as select $as_of::timestamp as as_of",
            {"as_of": self.as_of},
        )
        self.con.execute(
            "delete from working.times_ahead where event_time <= $now::timestamp", {"now": now}
        )
        return next_time  # type: ignore[no-any-return]

    def _find_reached(self) -> None:
        """Leaves closure_sessions: the sessions that may be others now."""
        known, also = "working.known_sessions", ("event_count", "is_built")
        close_sessions(self.con, "reached_sessions", known, "sources[1]", also)
        self.place.keep("touched_sessions", "from closure_sessions")

    def _gather_events(self) -> None:
        """Leaves lake_events: those of the touched sessions, and the fresh ones."""
        con, state, last = self.con, self.state, self.build.last_batch
        self.place.keep(
            "set_events",
            "select events.* exclude (session_id) from working.events as events "
            "semi join working.touched_sessions using (session_id) "
            "union all from working.fresh_events",
        )
        con.execute("delete from closure_sessions where not is_built")
        ((wanted,),) = con.execute(
            "select coalesce(sum(event_count), 0)::bigint from closure_sessions"
        ).fetchall()
        if not wanted:
            return
        try:
            events = events_of_closure(con, state.events, lambda f: events_up_to(state, f, last))
            con.execute(f"create or replace temp table events_fetched as {events}")
        except duckdb.IOException as error:
            raise LakeMoved(_LOST) from error
        ((found,),) = con.execute("select count(*) from events_fetched").fetchall()
        if found != wanted:
            raise LakeMoved(_LOST)
        con.execute("insert into working.set_events by name from events_fetched")

    def _replace_sessions(self) -> None:
        """Puts the sessions that were made anew, and their events, in the place of the others."""
        con = self.con
        self.place.create_like("made_sessions", "working.new_sessions")
        self.place.create_like("made_events", "session_events")
        for table in ("made_sessions", "made_events", "events", "known_sessions"):
            con.execute(
                f"delete from working.{table} where session_id in "  # noqa: S608 - our names
                "(select session_id from working.touched_sessions)"
            )
        con.execute("insert into working.made_sessions from working.new_sessions")
        con.execute("insert into working.made_events from session_events")
        con.execute(
            "insert into working.events select events.*, places.session_id "
            "from working.set_events as events inner join session_events as places "
            "on places.source = events.source and places.event_id = events.event_id"
        )
        con.execute(
            "insert into working.replaced select session_id from working.touched_sessions "
            "where is_built"
        )

    def _number_sessions(self) -> None:
        """Leaves the new sessions, and others of their users, as user_sessions has them."""
        con, place = self.con, self.place
        place.keep("changed_users", step_sql("changed_users"))
        # An event of a tracker may be of another user than its session was.
        con.execute(
            "create or replace temp table users_found as from working.changed_users "
            "anti join working.users_looked_up using (user_id)"
        )
        self._look_up_found()
        if place.has_first_queries():
            # What lacked queries, as all did, may count as abandoned now.
            con.execute(
                "insert into working.changed_users select distinct user_id "
                "from working.made_sessions except from working.changed_users"
            )
        of_users = "semi join working.changed_users using (user_id)"
        known = f"from working.known_sessions {of_users}"
        place.show_sessions(f"{known} union all by name from working.new_sessions")
        place.make("int_session_numbers")
        con.execute(f"create or replace temp table int_user_keys as {step_sql('user_keys')}")
        place.show_sessions(f"from working.made_sessions {of_users}")
        place.make_user_sessions()
        con.execute(f"delete from working.numbered_anew where {workplace.OF_CHANGED}")  # noqa: S608
        place.keep("renumbered", sql("renumbered"))
        if con.execute("from working.renumbered limit 1").fetchall():
            con.execute(f"insert into working.numbered_anew {sql('numbered_anew')}")
        con.execute(
            "delete from working.known_sessions "  # noqa: S608 - our names
            f"where not is_built and {workplace.OF_CHANGED}"
        )
        place.know(f"from working.user_sessions where {workplace.OF_CHANGED}", is_built=False)
