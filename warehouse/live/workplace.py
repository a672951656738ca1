"""The database in memory in which live sessions are made: its tables, the models that it runs.

Decides no rule: models do, and `sessions` says what they are run on. Writes to no file.
"""

from datetime import datetime
from typing import Any

from etl.config.settings import Settings
from etl.duck import connect, quoted, sql_beside
from etl.lake import LakeState
from etl.lake.schema import EVENT_COLUMNS, empty_table
from warehouse import table_parts
from warehouse.build.model_files import Model
from warehouse.build.model_inputs import lay_out_settings
from warehouse.build.page_names import page_name_macro
from warehouse.build.retained import lay_out_kept
from warehouse.build.runner import RunResults, ancestors_of, ordered_models, run
from warehouse.build.sessioniser import session_models
from warehouse.build.told_counts import told_counts_macro
from warehouse.build_files import Build
from warehouse.part_views import SCHEMA

BUILT = "live_build"
OF_CHANGED = "user_id in (select user_id from working.changed_users)"
# What a query beside it takes, too.
_MEMORY_LIMIT = "1GB"
_WANTED = ("int_sessions", "session_events")
_OF_SETTINGS = ("stg_settings", "stg_kept_users", "int_pattern_indicators")
_OF_PATTERNS = ("pattern_scores", "int_patterns_chosen")
# Where readers look for tables: what was made, then the build.
SEARCH_PATH = f"memory.live,{BUILT}.{SCHEMA},{BUILT}.main"


class Workplace:
    """A connection to the database, with the build attached and what models read laid out."""

    def __init__(self, build: Build, settings: Settings, state: LakeState, threads: int) -> None:
        config: dict[str, Any] = {"threads": threads, "memory_limit": _MEMORY_LIMIT}
        self.con = connect(config=config | {"temp_directory": ""})
        self.results, self.threads = RunResults(), threads
        self.queried: set[str] = set()
        self.is_shown = False
        self.models = {model.name: model for model in ordered_models()}
        self.steps = _steps(list(self.models.values()))
        self._attach(build)
        self._create_tables(build)
        self._lay_out_inputs(build, settings, state)
        self._look_at_streams()

    def plan_quickly(self, *, is_little: bool) -> None:
        """Has the engine think less about the order of joins, which are written in a good one, and
        work by one thread; or, of much, as usual.
        """
        left_out, threads = ("join_order", 1) if is_little else ("", self.threads)
        self.con.execute(f"set disabled_optimizers = {quoted(left_out)}")
        self.con.execute(f"set threads = {threads}")

    def make(self, name: str) -> None:
        """Makes a model of all that it reads."""
        self._run(self.models[name])

    def make_sessions(self) -> None:
        """Leaves session_events and working.new_sessions: of lake_events, which no session
        leaves.
        """
        for model in self.steps:
            self._run(model)

    def make_user_sessions(self) -> None:
        """Puts int_sessions into working.user_sessions, instead of all of their users."""
        for name in _OF_PATTERNS:
            self.make(name)
        model = self.models["user_sessions"]
        self.keep("users_sessions", model.sql, model)
        self.create_like("user_sessions", "working.users_sessions")
        self.con.execute(f"delete from working.user_sessions where {OF_CHANGED}")  # noqa: S608
        self.con.execute("insert into working.user_sessions from working.users_sessions")
        self._show()

    def has_first_queries(self) -> bool:
        """Leaves int_streams; whether a stream has its first query, in a new session."""
        self.con.execute(
            "insert into streams_seen select stream, max(query_count) "
            "from working.new_sessions group by stream"
        )
        before = self.queried
        self._look_at_streams()
        return self.queried != before

    def show_sessions(self, text: str) -> None:
        """Has models see the selected sessions as int_sessions."""
        self.con.execute(f"create or replace temp view int_sessions as {text}")

    def keep(self, name: str, text: str, model: Model | None = None) -> None:
        """Creates a table in `working` anew."""
        statement = f"create or replace table working.{name} as {text}"
        if model:
            run(self.con, model, statement, self.results)
        else:
            self.con.execute(statement)

    def know(self, sessions: str, *, is_built: bool) -> None:
        """Adds selected sessions, of the build or made here, to working.known_sessions."""
        self.con.execute(f"create or replace temp view sessions_to_know as {sessions}")
        self.con.execute(
            f"insert into working.known_sessions {sql('known_sessions')}", {"is_built": is_built}
        )

    def create_like(self, name: str, other: str) -> None:
        """Creates a table in `working` with the columns of another one, unless it is there."""
        self.con.execute(f"create table if not exists working.{name} as from {other} limit 0")

    def _look_at_streams(self) -> None:
        self.show_sessions("from streams_seen")
        self.make("int_streams")
        queried = self.con.execute("select stream from int_streams where has_queries").fetchall()
        self.queried = {stream for (stream,) in queried}

    def _run(self, model: Model) -> None:
        if model.name == "int_sessions":
            self.keep("new_sessions", model.sql, model)
            self.show_sessions("from working.new_sessions")
            return
        kind = "view" if model.kept_as == "view" else "table"
        text = f"create or replace temp {kind} {model.name} as {model.sql}"
        run(self.con, model, text, self.results)

    def _attach(self, build: Build) -> None:
        con = self.con
        con.execute("set TimeZone = 'UTC'")
        con.execute(f"attach {quoted(build.path)} as {BUILT} (read_only)")
        con.execute(f"use {BUILT}")
        table_parts.attach(con, build.path.parent)
        con.execute("use memory")
        for schema in ("working", "live"):
            con.execute(f"create schema {schema}")
        for view, table in (("sessions", "user_sessions"), ("events", "session_events")):
            con.execute(f"create temp view built_{view} as from {BUILT}.{SCHEMA}.{table}")

    def _lay_out_inputs(self, build: Build, settings: Settings, state: LakeState) -> None:
        con = self.con
        lay_out_kept(con, state)
        # What was now then, no model of sessions asks.
        lay_out_settings(con, settings, build.built_at)
        con.execute(page_name_macro(settings.parsed_page_rules))
        con.execute(told_counts_macro())
        con.execute("create temp view lake_events as from working.set_events")
        for name in _OF_SETTINGS:
            self.make(name)
        con.execute(f"create temp table streams_seen as {sql('streams_seen')}")
        # Of all sessions of the build, steps of a build ask for this alone.
        con.execute(
            "create temp table user_sessions as select max(user_key) as user_key "
            "from built_sessions"
        )

    def _create_tables(self, build: Build) -> None:
        con, none = self.con, empty_table(EVENT_COLUMNS)
        for name in ("set_events", "fresh_events"):
            self.keep(name, none)
        self.keep("events", f"select *, null::varchar as session_id from ({none})")  # noqa: S608
        self.keep("users_looked_up", "select user_id from built_sessions limit 0")
        self.keep("replaced", "select session_id from built_sessions limit 0")
        self.keep("numbered_anew", "from built_sessions limit 0")
        con.execute("create temp view sessions_to_know as from built_sessions limit 0")
        con.execute(
            f"create table working.known_sessions as {sql('known_sessions')}", {"is_built": True}
        )
        con.execute("create view working.known_keys as from working.known_sessions")
        con.execute("create view working.new_events as from working.fresh_events")
        since = build.as_of or datetime(1, 1, 1)  # noqa: DTZ001 - as the lake has times
        con.execute(f"create table working.times_ahead as {sql('times_ahead')}", {"as_of": since})

    def _show(self) -> None:
        """Lays the views of all sessions and events over what was made, once."""
        if self.is_shown:
            return
        self.is_shown = True
        replaced = "session_id not in (select session_id from working.replaced)"
        self.con.execute(
            f"create view live.user_sessions as from {BUILT}.{SCHEMA}.user_sessions "  # noqa: S608
            f"where {replaced} "
            "and session_id not in (select session_id from working.numbered_anew) "
            "union all by name from working.numbered_anew "
            "union all by name from working.user_sessions"
        )
        self.con.execute(
            f"create view live.session_events as from {BUILT}.{SCHEMA}.session_events "
            f"where {replaced} union all by name from working.made_events"
        )


def _steps(models: list[Model]) -> list[Model]:
    """The models of sessions that are needed, each after those it reads."""
    needed = ancestors_of(models, _WANTED)
    return [model for model in session_models().steps if model.name in needed]


def sql(name: str) -> str:
    """The text of a step."""
    return sql_beside(__file__, name)
