"""Makes a build out of the one before it and the batches since. Publishes nothing.

Work grows with what is new. A session can only change if a new event comes as near to it as the
timeout, has its tracker's id, or if it was open. Those sessions' events, out of the lake, and the
new ones are a set of events that no session leaves: the models of sessions make it anew, as they
make a piece of a full build. Then follow the users, days, workflows and visitors that this
touches. What comes of it is, row by row, what a full build would make.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from etl.lake import Commit, Lake
from warehouse import event_parts
from warehouse.build.model_files import Model
from warehouse.build.model_inputs import rows_of_batches
from warehouse.build.partial import SCOPES, changed, make_parts, show_all, show_parts
from warehouse.build.runner import Tally, Told, kind_of, make, ordered_models, run, run_checks
from warehouse.build.sessioniser import (
    Sessioniser,
    close_sessions,
    events_of_closed_sessions,
    text_of,
)

# Models that the sessions made anew enter in a way of their own, below.
_BY_HAND = ("int_session_numbers", "pattern_scores", "user_sessions")


class NeedsFull(Exception):
    """New events change history in a way that only a full build can tell; says which."""


@dataclass(frozen=True)
class Increment:
    """The build that is being made, which begins as a copy of the last one.

    con       uses the database of the sessions; `working`, in memory, holds the rest
    sessions  none are made yet
    old, new  the batches that the last build has seen, and the others
    as_of     of the last build
    """

    con: duckdb.DuckDBPyConnection
    sessions: Sessioniser
    lake: Lake
    old: Sequence[Commit]
    new: Sequence[Commit]
    as_of: datetime | None
    told: Told

    @property
    def database(self) -> str:
        """Where the build is."""
        return self.sessions.database

    @property
    def tally(self) -> Tally:
        """What became of models and checks."""
        return self.sessions.tally

    def make(self) -> None:
        """Every mart, once a part of that number was begun. NeedsFull when it cannot be."""
        models = ordered_models()
        by_name = {model.name: model for model in models}
        for name in ("stg_settings", "int_as_of", "stg_kept_users"):
            self._make(by_name[name])
        self._refuse_earlier_clock()
        self._find_touched()
        self._remove_touched()
        self._make_sessions()
        self._make_user_sessions(by_name)
        self._make_parts(models)
        for model in models:
            if model.is_mart and not model.scope and model.name not in _BY_HAND:
                self._make(model)
        self.con.execute("create or replace temp view int_sessions as from user_sessions")

    def _refuse_earlier_clock(self) -> None:
        """NeedsFull when as-of went back: sessions that were over then are open now."""
        (as_of,) = self.con.execute("select as_of from int_as_of").fetchall()[0]
        if self.as_of is not None and (as_of is None or as_of < self.as_of):
            msg = "the clock was set back: all history redone"
            raise NeedsFull(msg)

    def _make(self, model: Model) -> None:
        make(self.con, model, kind_of(model), self.tally)

    def _table(self, name: str, text: str, params: dict[str, Any] | None = None) -> None:
        self.con.execute(f"create or replace table working.{name} as {text}", params or {})

    def _find_touched(self) -> None:
        con = self.con
        self._table("new_events", rows_of_batches(con, self.lake, self.new))
        self._table("new_spans", text_of("new_spans"))
        con.execute(f"create or replace temp table met_sessions as {text_of('touched_sessions')}")
        close_sessions(con, "user_sessions", "sources[1]")
        self._table("touched_sessions", "from closed_sessions")
        known = events_of_closed_sessions(con, self.lake.root, self.lake.event_files(self.old))
        # A merged file may hold rows of old and new batches.
        self._table(
            "piece_events",
            f"from ({known}) "
            "anti join working.new_events using (source, event_id) "
            "union all from working.new_events",
        )

    def _remove_touched(self) -> None:
        """Takes the touched sessions out of the build, and remembers the parts they are in."""
        touched = "semi join working.touched_sessions as touched using (session_id)"
        self._table(
            "touched_days_told",
            "select start_date, start_date as event_date "  # noqa: S608
            f"from user_sessions {touched} union select event_date, event_date "
            f"from overnight_days {touched}",
        )
        self._table(
            "touched_workflows",
            f"select source, workflow_id from workflow_events {touched}",  # noqa: S608
        )
        for table in ("user_sessions", "overnight_days", "workflow_events"):
            self.con.execute(
                f"delete from {self.database}.{table} "  # noqa: S608
                "where session_id in (select session_id from working.touched_sessions)"
            )
        event_parts.replace(
            self.con, "select session_id from working.touched_sessions", self.sessions.part
        )

    def _make_sessions(self) -> None:
        sessions = self.sessions
        worker = sessions.begin()
        sessions.of_pairs(worker, "from working.new_events")
        sessions.of_events(worker, "from working.piece_events", creates=(event_parts.TABLE,))
        worker.close()
        sessions.collect(self.con)
        self._table("new_sessions", "from int_sessions")

    def _make_user_sessions(self, by_name: dict[str, Model]) -> None:
        """Adds the sessions to user_sessions, and counts their users' sessions anew."""
        self._table("changed_users", text_of("changed_users"))
        everything = "from user_sessions union all by name from working.new_sessions"
        self._see_sessions(f"from ({everything}) semi join working.changed_users using (user_id)")
        self._make(by_name["int_session_numbers"])
        self._see_sessions(everything)
        self._make(by_name["int_streams"])
        self._refuse_first_queries()
        for name in ("int_pattern_indicators", "pattern_scores", "int_patterns_chosen"):
            self._make(by_name[name])
        self._table("renumbered_sessions", text_of("renumbered_sessions"))
        self.con.execute(
            f"update {self.database}.user_sessions as sessions "  # noqa: S608
            "set session_number = renumbered.session_number, "
            "is_new_user = renumbered.session_number = 1 "
            "from working.renumbered_sessions as renumbered "
            "where renumbered.session_id = sessions.session_id"
        )
        self._see_sessions("from working.new_sessions")
        model = by_name["user_sessions"]
        run(
            self.con,
            model,
            f"insert into {self.database}.user_sessions by name {model.sql}",
            self.tally,
        )

    def _see_sessions(self, text: str) -> None:
        self.con.execute(f"create or replace temp view int_sessions as {text}")

    def _refuse_first_queries(self) -> None:
        """NeedsFull when a stream has its first query: its sessions so far lacked one, then."""
        found = self.con.execute(
            "select stream from int_streams where has_queries and stream in "
            "(select stream from user_sessions where is_abandoned is null)"
        ).fetchall()
        if found:
            msg = f"first queries of the stream {found[0][0]}: all history redone"
            raise NeedsFull(msg)

    def _make_parts(self, models: Sequence[Model]) -> None:
        """Makes the users, days, workflows and visitors anew that have changed."""
        self._table("changed_days", text_of("changed_days"))
        self._table(
            "changed_workflows",
            "from working.touched_workflows union select source, workflow_id "
            "from workflow_events semi join int_sessions using (session_id)",
        )
        self._table(
            "changed_visitors",
            "select distinct source, anonymous_id from working.new_events "
            "where anonymous_id is not null",
        )
        for scope, parts in SCOPES.items():
            if not self._has_changed(scope):
                continue
            show_parts(self.con, scope, self.database)
            for model in models:
                if model.scope != scope or model.name in _BY_HAND:
                    continue
                if model.name in parts.marts:
                    make_parts(self.con, model, self.database, self.tally)
                else:
                    self._make(model)
            # Checks of a scope are asked of these parts alone, too.
            run_checks(self.con, [scope], self.tally, self.told)
            show_all(self.con, scope)
        self.tally.refuse_bad()

    def _has_changed(self, scope: str) -> bool:
        return bool(self.con.execute(f"from {changed(scope)} limit 1").fetchall())
