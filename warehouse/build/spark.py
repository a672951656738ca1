"""Makes the sessions of a whole lake on Spark: the door beside whole_lake.make_sessions.

The same models run there, over the files that the lake's log names. What they yield is written to
the build's staging folder as Parquet, and DuckDB takes it from there into the tables of the build.
Decides no rule: models do.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from etl.config.spark import Spark
from etl.duck import listed, named, quoted
from etl.lake import LakeState
from etl.lake.schema import EVENT_COLUMNS
from warehouse import event_parts, table_parts
from warehouse.build.model_files import Model, checks
from warehouse.build.model_inputs import events_in
from warehouse.build.runner import ordered_models
from warehouse.build.sessioniser import SessionTarget, Worker, begin, make_step, session_file
from warehouse.build.spark_session import LOG, opened, probe, refuse_missing, told
from warehouse.build.spark_sql import MADE_BY_DUCKDB, as_spark
from warehouse.build.whole_lake import create_tables

# Fewer events one machine makes sessions of sooner than a cluster does (docs/scale.md).
WORTH_A_CLUSTER = 100_000_000
_TYPES = {"VARCHAR": "STRING", "TIMESTAMP": "TIMESTAMP_NTZ", "VARCHAR[]": "ARRAY<STRING>"}
# Read by several models: written once, since Spark would make a view anew for each of them. An
# executor that is lost takes nothing of a file with it.
_WRITTEN = ("int_event_types", "int_sessionised_events", "int_session_totals", "int_sessions")
# The order in which rows of events lie in a part.
_EVENTS_ORDER = "order by user_id, stream, session_id, event_number"


@dataclass
class SparkEngine:
    """Makes sessions on a Spark, for `build`.

    home     of Dwell
    tell     takes sentences that nobody has to heed
    has_run  whether it was asked for sessions
    """

    spark: Spark
    home: Path
    tell: Callable[[str], None] = lambda _: None
    has_run: bool = False

    @property
    def log(self) -> Path:
        """Where everything goes that Spark prints."""
        return self.home / "builds" / LOG

    def refuse_missing(self) -> None:
        """ConfigError where what it needs is not installed."""
        refuse_missing(self.spark)

    def make_sessions(self, con: Worker, target: SessionTarget, state: LakeState) -> None:
        """As whole_lake.make_sessions. BuildError where Spark cannot, in one line."""
        self.has_run = True
        events = sum(file.rows for file in state.events)
        if events < WORTH_A_CLUSTER:
            self.tell(
                f"{events:,} events: DuckDB alone is quicker with fewer than "
                f"{WORTH_A_CLUSTER:,}. Spark makes the sessions all the same, as asked."
            )
        with opened(self.spark, self.log) as session:
            _Run(self, session, target, state).make()


class _Run:
    """One build's sessions on one session of Spark."""

    def __init__(
        self, engine: SparkEngine, session: Any, target: SessionTarget, state: LakeState
    ) -> None:
        self.engine, self.session, self.target, self.state = engine, session, target, state
        self.folder = target.folder / "spark"
        models = ordered_models()
        self.models = [model for model in models if model.scope in ("session", "events")]

    def make(self) -> None:
        """All models of sessions, and what they ask of the lake."""
        create_tables(self.target, events_in(self.state, []))
        worker = begin(self.target)
        probe(self.session, self.folder / "probe", self._shown("probe"), self.engine.log)
        self._show_lake()
        for model in self.target.models.first:
            self._hand_over(worker, model.name, f"from {model.name}")
        for model in self.models:
            if model.name in MADE_BY_DUCKDB:
                self._make_by_duckdb(worker, model)
            else:
                self._make(worker, model)
            if model.name == "int_session_totals":
                self._ask_checks()
        worker.close()

    def _shown(self, name: str) -> str:
        """A folder of this run, as the cluster names it."""
        return self._address(self.folder / name)

    def _address(self, path: Path) -> str:
        path = path.absolute()
        if self.engine.spark.home is None:
            # With nothing before it, a cluster would look for it in its own store.
            return f"file:{path}"
        below = path.relative_to(self.engine.home.absolute()).as_posix()
        return f"{self.engine.spark.home.rstrip('/')}/{below}"

    def _show_lake(self) -> None:
        """The view lake_events: the files that count, and no others that lie there."""
        schema = ", ".join(f"{column.name} {_TYPES[column.type]}" for column in EVENT_COLUMNS)
        files = [self._address(self.state.path_of(file)) for file in self.state.events]
        with told("Spark cannot read the lake", self.engine.log):
            rows = (
                # A name is a name, whatever signs are in it.
                self.session.read.schema(schema).option("__globPaths__", "false").parquet(*files)
                if files
                else self.session.createDataFrame([], schema)
            )
            rows.createOrReplaceTempView("lake_events")

    def _make(self, worker: Worker, model: Model) -> None:
        is_written = model.is_mart or model.name in _WRITTEN
        sql = model.sql
        if model.name == event_parts.TABLE:
            sql = f"select * from ({sql}) as events {_EVENTS_ORDER}"  # noqa: S608
        text = as_spark(model.name, sql, ordered=is_written)
        started = time.monotonic()
        with told(f"Model {model.name} could not be made on Spark", self.engine.log):
            rows = self.session.sql(text)
            if is_written:
                rows.write.parquet(self._shown(model.name))
                rows = self.session.read.schema(rows.schema).parquet(self._shown(model.name))
            rows.createOrReplaceTempView(model.name)
        if not is_written:
            self.target.results.add(model, None, time.monotonic() - started)
            return
        files = f"read_parquet({listed(self._files(model.name))})"
        worker.execute(f"create or replace temp view {model.name} as from {files}")
        (count,) = worker.execute(f"select count(*) from {model.name}").fetchall()[0]  # noqa: S608
        self._take(worker, model)
        self.target.results.add(model, count, time.monotonic() - started)

    def _files(self, name: str) -> Sequence[Path]:
        return sorted((self.folder / name).glob("*.parquet"))

    def _take(self, worker: Worker, model: Model) -> None:
        """Puts what was written where a set of events would have left it."""
        if model.name == "int_sessions":
            like = "working.sessions_of_set_0"
            file = quoted(session_file(self.target, 1))
            worker.execute(f"copy ({_typed(worker, model.name, like)}) to {file} (format parquet)")
        elif model.name == event_parts.TABLE:
            piece = event_parts.chunk_number(self.target.part, 1)
            rows = _typed(worker, model.name, event_parts.NEW, piece=f"{piece}::bigint")
            worker.execute(f"insert into {event_parts.NEW} {rows}")
        elif model.is_mart:
            in_parts = model.kept_as == "parts"
            database = self.target.database
            table = table_parts.new(model.name) if in_parts else f"{database}.{model.name}"
            worker.execute(f"insert into {table} {_typed(worker, model.name, table)}")

    def _make_by_duckdb(self, worker: Worker, model: Model) -> None:
        """A model that stays there, of what Spark has made; Spark is shown what others read."""
        (has_rules,) = worker.execute("select has_page_rules from stg_settings").fetchall()[0]
        names_pages = model.name == "int_page_names" and has_rules
        if names_pages:
            # The different ones alone: to name them is what costs.
            pages = "select distinct page from lake_events where page is not null"
            with told("Spark cannot read the pages", self.engine.log):
                self.session.sql(pages).write.parquet(self._shown("pages"))
            files = listed(self._files("pages"))
            worker.execute(f"create or replace temp view lake_events as from read_parquet({files})")
        make_step(self.target, worker, model, 1)
        if names_pages:
            events = events_in(self.state, self.state.events)
            worker.execute(f"create or replace temp view lake_events as {events}")
        if not model.is_mart:
            self._hand_over(worker, model.name, f"from {model.name}")

    def _hand_over(self, worker: Worker, name: str, rows: str) -> None:
        """Shows Spark a small table of DuckDB's. Spans of time it has none for: they are in it in
        microseconds as well.
        """
        columns = worker.execute(f"describe {rows}").fetchall()
        known = ", ".join(named(column) for column, kind, *_ in columns if kind != "INTERVAL")
        folder = self.folder / name
        folder.mkdir(parents=True)
        file = quoted(folder / "part.parquet")
        worker.execute(f"copy (select {known} from ({rows})) to {file} (format parquet)")  # noqa: S608
        with told(f"Spark cannot read {name}", self.engine.log):
            self.session.read.parquet(self._shown(name)).createOrReplaceTempView(name)

    def _ask_checks(self) -> None:
        """The checks of each set of events, asked where the events are."""
        for check in checks():
            if check.scope != "session":
                continue
            started = time.monotonic()
            with told(f"The check '{check.sentence}' could not be asked", self.engine.log):
                asked = self.session.sql(as_spark(check.name, check.sql)).limit(1000)
                bad_rows = [tuple(row) for row in asked.collect()]
            seconds = time.monotonic() - started
            self.target.results.add_check(check, len(bad_rows), seconds)
            if bad_rows:
                self.target.results.add_bad_rows(check, bad_rows)


def _typed(worker: Worker, rows: str, like: str, **others: str) -> str:
    """A select of the rows with the columns and types of a table, in its order.

    others  column → SQL of those that the rows lack
    """
    columns = worker.execute(f"describe from {like}").fetchall()
    parts = ", ".join(
        f"{others.get(column, f'{named(column)}::{kind}')} as {named(column)}"
        for column, kind, *_ in columns
    )
    return f"select {parts} from {rows}"  # noqa: S608 - our names
