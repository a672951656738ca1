"""Writes the file of one build: of the build before it, or of everything. Publishes nothing."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from etl.config.settings import Settings
from etl.duck import connect, quoted
from etl.errors import BuildError, CheckFailed, disk_full
from etl.lake import Lake, LakeState
from etl.lake.state import history_grown
from warehouse import event_parts, part_files, part_views, table_parts
from warehouse.build.full import MakeSessions, finish_marts, make_all
from warehouse.build.increment import NeedsFull, make_increment
from warehouse.build.last_build import take_over
from warehouse.build.model_inputs import lay_out, lay_out_events
from warehouse.build.own_columns import describe_own_columns
from warehouse.build.own_metrics import try_expressions
from warehouse.build.partial import refuse_unfit
from warehouse.build.runner import OnStep, RunResults, names_in_parts, ordered_models
from warehouse.build.sessioniser import SessionTarget, Worker, session_models
from warehouse.build.whole_lake import make_sessions
from warehouse.build_files import GOES_ON, Build

UNREADABLE = "the last build is damaged: all history redone"
# Notebooks may still have DuckDB 1.5.
_STORAGE_VERSION = "v1.5.0"
_ATTACHED = "warehouse_build"
_MEMORY_LIMIT = "4GB"
# So many new events are always added to the last build; more only if they are few beside the rest.
_FEW_EVENTS = 1_000_000


@dataclass(frozen=True)
class BuildFile:
    """A build file that is being written, and what it is made of."""

    path: Path
    number: int
    lake: Lake
    state: LakeState
    settings: Settings
    now: datetime
    make_sessions: MakeSessions = make_sessions

    def increment_or_all(
        self, current: Build | None, reason: str, on_step: OnStep
    ) -> tuple[dict[str, Any], str]:
        """Makes the build out of the current one, if only events are new; else of all.

        What is to be told of it, and why it was made. BuildError when a model's header is not
        fit for that.
        """
        refuse_unfit(ordered_models())
        if current and reason in GOES_ON and self._grows_from(current):
            try:
                return self._make(on_step, current), reason
            except NeedsFull as needed:
                reason = str(needed)
            except (duckdb.Error, BuildError) as error:
                # What the last build left may be damaged; everything is in the lake.
                is_other = isinstance(error, CheckFailed | duckdb.InterruptException)
                if is_other or disk_full(error, self.path.parent):
                    raise
                reason = UNREADABLE
            self.path.unlink(missing_ok=True)
            self.path.with_suffix(".building.wal").unlink(missing_ok=True)
        return self._make(on_step), reason

    def _grows_from(self, base: Build) -> bool:
        """Whether the lake is what the build was made of and some new batches, few beside those,
        and the build can be read.
        """
        with self.state.batch_table() as con:
            try:
                con.execute(f"attach {quoted(base.path)} as base (read_only)")
                # A build of 0.3 has its tables in the file itself.
                con.execute(f"from base.{table_parts.PARTS} limit 0")
            except duckdb.Error:
                return False
            new = con.execute(
                "select batch_id, rows_loaded from lake_batches where number > $last "
                "order by number",
                {"last": base.last_batch},
            ).fetchall()
            (all_events,) = con.execute(
                "select coalesce(sum(rows_loaded), 0) from lake_batches"
            ).fetchall()[0]
        new_events = sum(count for _, count in new)
        old_events = all_events - new_events
        history = history_grown(
            base.fingerprints.get("lake", ""), (batch_id for batch_id, _ in new)
        )
        is_little = new_events <= max(_FEW_EVENTS, old_events / 4)
        return history == self.state.history and bool(is_little)

    def _make(
        self,
        on_step: OnStep,
        base: Build | None = None,
    ) -> dict[str, Any]:
        """Writes the build file and its part; its as-of and counts.

        With a base it goes on from that build.
        """
        lake, builds = self.lake, self.path.parent
        inputs = self.state, self.settings, self.now
        lake.spill.mkdir(parents=True, exist_ok=True)
        with (
            TemporaryDirectory(prefix="build-", dir=lake.spill) as folder,
            connect(config=_limits(lake.spill)) as con,
        ):
            con.execute(
                f"attach {quoted(self.path)} as {_ATTACHED} (storage_version '{_STORAGE_VERSION}')"
            )
            con.execute("attach ':memory:' as working")
            part_files.begin(con, builds, self.number, _STORAGE_VERSION)
            lay_out(_use(con), *inputs)

            def open_worker() -> Worker:
                worker = _use(con.cursor())
                lay_out_events(worker, *inputs)
                return worker

            target = SessionTarget(
                open_worker=open_worker,
                models=session_models(),
                state=self.state,
                folder=Path(folder),
                database=_ATTACHED,
                part=self.number,
                results=RunResults(),
            )
            if base is None:
                make_all(con, target, self.state, on_step, self.make_sessions)
            else:
                take_over(con, base.path)
                make_increment(con, target, self.state, base.last_batch, base.as_of, on_step)
                event_parts.fold(con)
            event_parts.add(con, self.number)
            models = ordered_models()
            names = names_in_parts(models)
            for name in names:
                table_parts.finish(con, name, self.number)
                con.execute(f"drop view temp.{name}")
            part_files.finish(con, builds, self.number)
            part_files.attach(con, builds, self.number)
            views = {m.name: m.sql for m in models if m.is_mart and m.kept_as == "view"}
            part_views.create_views(con, builds, names, views)
            finish_marts(con, target.results, on_step)
            describe_own_columns(con, self.settings)
            with part_views.attached_first(con):
                try_expressions(con, self.settings)
            with part_views.attached_first(con):
                facts = {**_facts(con), "checks": dict(target.results.checks)}
            con.execute("use memory")
            con.execute(f"detach {_ATTACHED}")
        return facts


def _limits(spill: Path) -> dict[str, Any]:
    # Left to itself the engine would rewrite a table every so many additions to it.
    return {
        "temp_directory": str(spill),
        "memory_limit": _MEMORY_LIMIT,
        "checkpoint_threshold": "1TB",
    }


def _use(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    con.execute("set TimeZone = 'UTC'")
    con.execute(f"use {_ATTACHED}")
    return con


def _facts(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    as_of, events, sessions = con.execute(
        "select (select as_of from int_as_of), coalesce(sum(event_count), 0)::bigint, count(*) "
        "from user_sessions"
    ).fetchall()[0]
    return {
        "as_of": as_of,
        "events": events,
        "sessions": sessions,
        "parts": tuple(table_parts.numbers_of(con)),
    }
