"""Opens a published build for reading. Never writes, and never waits for a running load."""

import os
import time
import warnings
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import cached_property
from importlib import import_module
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

import duckdb

from etl.config.settings import BY_NAME, load_settings, parse_setting
from etl.errors import BuildError, ConfigError, NoBuild, in_brief
from warehouse import part_views
from warehouse.bound_metrics import BoundMetrics
from warehouse.build_connection import connect_build
from warehouse.build_files import (
    POINTER,
    Build,
    build_path,
    builds_folder,
    current,
    kept_builds,
    last_build,
)
from warehouse.dimensions import FILTERS, Dimension, own_dimensions
from warehouse.read_only import refuse_writes
from warehouse.scopes import fact_of_scope, told_as_of
from warehouse.timed_relation import TimedRelation, ended_after

if TYPE_CHECKING:
    import polars as pl

    from warehouse.conditions import Given

TRIES = 20
SECONDS_BETWEEN_TRIES = 0.05
# Few rows, copied once more, cost less than to plan a query twice; see Warehouse.frame.
warnings.filterwarnings("ignore", "Arrow output on a DB-API result", UserWarning)


class Warehouse:
    """One build, open for reading. Safe to share between threads, also while loads run.

    build      its number
    path       its file
    home       the folder that holds lake and builds
    as_of      newest event time loaded, naive UTC; None when there are no events
    as_of_date the local date of that moment: the running day
    built_at   when the build was published, aware
    pruned_before  first local day whose events are all there; None when none were pruned
    time_zone  the reporting time zone of all `*_date` columns
    longest    seconds after which a query of Dwell's own is ended; None, unless set, for never
    """

    def __init__(
        self,
        home: Path,
        number: int,
        path: Path,
        connection: duckdb.DuckDBPyConnection,
        published: Build | None = None,
    ):
        self._connection = connection
        # The build's own views look files up by their paths, which may be gone or have moved.
        self._parts = part_views.for_cursor(connection)
        self.home = home
        self.build = number
        self.path = path
        # Of a build that is no longer the current one, its file alone tells.
        self.time_zone = published.time_zone if published else self._time_zone()
        self.built_at = (
            published.built_at if published else datetime.fromtimestamp(path.stat().st_mtime, UTC)
        )
        self.as_of = published.as_of if published else told_as_of(self)
        self._columns: dict[str, frozenset[str]] = {}
        # What metrics.data.extent told of it, once it was asked.
        self.extent: pl.DataFrame | None = None
        self.on_close: Callable[[], object] = lambda: None
        self.longest: float | None = None

    def __repr__(self) -> str:
        return f"<Warehouse build {self.build}, as of {self.as_of}, {self.path}>"

    def __enter__(self) -> "Warehouse":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def as_of_date(self) -> date | None:
        """The running day: the local date of as_of. None when there are no events."""
        if self.as_of is None:
            return None
        return self.as_of.replace(tzinfo=UTC).astimezone(ZoneInfo(self.time_zone)).date()

    @cached_property
    def pruned_before(self) -> date | None:
        """The first local day whose events were not pruned. None when nothing ever was."""
        known = "select 1 from duckdb_tables() where table_name = 'prunes'"
        if not self.sql(known).fetchall():
            return None
        day: date | None = self.sql("select max(pruned_before) from prunes").fetchall()[0][0]
        return day

    def sql(
        self,
        text: str,
        params: Mapping[str, Any] | list[Any] | None = None,
        timeout: float | None = None,
    ) -> duckdb.DuckDBPyRelation:
        """The answer to one query; read it by .pl(), .df(), .to_arrow_table(), .fetchall().

        Parameters are written $name in the text. The relation asks anew at every read, and
        stays readable until the warehouse is closed. A read that takes longer than `timeout`
        seconds is a BeyondLimit.
        """
        refuse_writes(text)
        # A cursor per query: threads that share one connection refuse each other's reads.
        cursor = self._connection.cursor()
        if self._parts:
            cursor.execute(self._parts)
        relation = cursor.sql(text, params=params)
        if relation is None:
            msg = "That text holds no query. Write one that returns rows, such as select 1."
            raise ConfigError(msg)
        if timeout is None:
            return relation
        return cast(duckdb.DuckDBPyRelation, TimedRelation(relation, cursor, timeout))

    def frame(
        self,
        text: str,
        params: Mapping[str, Any],
        tables: Mapping[str, "pl.DataFrame"] = MappingProxyType({}),
    ) -> "pl.DataFrame":
        """The answer to one of Dwell's own queries at once, also over frames that it names.

        BeyondLimit after `longest` seconds.
        """
        import polars as pl

        advice = "Choose fewer days, or more filters."
        with self._connection.cursor() as cursor, ended_after(cursor, self.longest, advice):
            if self._parts:
                cursor.execute(self._parts)
            for name, table in tables.items():
                cursor.register(name, table.to_arrow())
            rows = cursor.execute(text, params).to_arrow_table()
        return pl.DataFrame(rows)

    @cached_property
    def metrics(self) -> BoundMetrics:
        """The metrics of this warehouse: `wh.metrics.overview.totals(filters)`."""
        return BoundMetrics(self)

    @cached_property
    def dimensions(self) -> tuple[Dimension, ...]:
        """What sessions are filtered by: the registry's, then those of the build's dwell.toml."""
        return (*FILTERS, *self.own_dimensions)

    @cached_property
    def own_dimensions(self) -> tuple[Dimension, ...]:
        """Those that the build's dwell.toml declared."""
        return own_dimensions(self._own_rows("dimensions"))

    @cached_property
    def has_plain_events(self) -> bool:
        """Whether events and users say by themselves what sessions are mostly asked for."""
        events, users = map(self.columns_of, ("session_events", "users"))
        return "is_bot" in events and "user_key" in users

    @cached_property
    def own_patterns(self) -> dict[str, tuple[str, ...]]:
        """The steps of the patterns that the build's dwell.toml declared, by name."""
        rows = self._own_rows("dimensions")
        return {row["name"]: tuple(row["steps"]) for row in rows if row.get("steps")}

    def columns_of(self, table: str) -> frozenset[str]:
        """The columns that a table of this build has; an older build has fewer."""
        if table not in self._columns:
            self._columns[table] = frozenset(self.sql(f"from {table} limit 0").columns)
        return self._columns[table]

    @cached_property
    def own_metrics(self) -> tuple[dict[str, Any], ...]:
        """The rows of `metrics` that the build's dwell.toml declared."""
        return tuple(row for row in self._own_rows("metrics") if row["sql"])

    def _own_rows(self, table: str) -> list[dict[str, Any]]:
        """The rows of a table of the registry; none in a build of before there were own ones."""
        column = {"dimensions": "is_own", "metrics": "sql"}[table]
        known = "select 1 from duckdb_columns() where table_name = $table and column_name = $column"
        if not self.sql(known, {"table": table, "column": column}).fetchall():
            return []
        relation = self.sql(f"from {table}")
        return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]

    def setting(self, name: str) -> Any:
        """The value of one setting that this build was made with; the default if it has none."""
        query = "select value from settings where name = $name"
        rows = self.sql(query, {"name": name}).fetchall()
        return parse_setting(name, rows[0][0]) if rows else BY_NAME[name].default

    def close(self) -> None:
        """Lets go of the file. Relations that were not read yet can no longer be read."""
        self._connection.close()
        self.on_close()

    def within(self, where: "Mapping[str, Given]") -> "Warehouse":
        """This build as those see it who are under a scope of these conditions: a warehouse of its
        own, to be closed, with their rows and no others (docs/serving.md).

        It is a copy, which takes its time. ConfigError for conditions that do not fit.
        """
        made: Warehouse = import_module("warehouse.build.scopes").within(self, where)
        return made

    @cached_property
    def scope(self) -> Any:
        """The scope of rows that this is a copy for; None of a whole build."""
        return fact_of_scope(self, "name")

    def _time_zone(self) -> str:
        rows = self.sql("select value from settings where name = 'time_zone'").fetchall()
        return str(rows[0][0]) if rows else "UTC"


def open(
    home: str | Path | None = None,
    build: int | None = None,
    max_seconds: float | None = None,
    max_memory: int | None = None,
) -> Warehouse:
    """The current build (or the kept build of that number), read-only.

    `home` is found like everywhere: argument, DWELL_HOME, dwell.toml, ./data. `max_seconds`
    ends every longer query, and `max_memory` every one that takes more bytes; all open warehouses
    of a build in one process share both.
    NoBuild when there is nothing to read, or the number is not kept.
    """
    folder = _home(home)
    for _ in range(TRIES):
        number, path, published = _chosen(folder, build)
        try:
            return Warehouse(
                folder, number, path, connect_build(path, max_seconds, max_memory), published
            )
        except (duckdb.Error, FileNotFoundError) as error:
            # A sweep may take the file between reading the pointer and opening it.
            if path.exists():
                msg = (
                    f"{path} cannot be opened: {in_brief(error)}. Check that you may read it, or "
                    "run 'dwell build', which makes a damaged one anew from the lake ('dwell build "
                    "--full' makes any)."
                )
                raise BuildError(msg) from error
        time.sleep(SECONDS_BETWEEN_TRIES)
    msg = (
        f"{builds_folder(folder) / POINTER} names {path.name}, which is not there. "
        "Run 'dwell build --full' to make a build from the lake."
    )
    raise NoBuild(msg)


def current_build(home: str | Path | None = None) -> int:
    """The number of the current build, read from the pointer alone. NoBuild without one."""
    return current(_home(home)).number


def _home(home: str | Path | None) -> Path:
    # Where the environment says it, no configuration file has to be read, or to be whole.
    given = home or os.environ.get("DWELL_HOME")
    return (Path(given).expanduser() if given else load_settings().home).absolute()


def _chosen(home: Path, number: int | None) -> tuple[int, Path, Build | None]:
    """Number and file of the build to open, and what the pointer tells if it is the current."""
    if number is None:
        build = current(home)
        return build.number, build.path, build
    kept = kept_builds(home)
    if number not in kept:
        known = ", ".join(map(str, kept)) or "none; run 'dwell load'"
        msg = f"No build {number} is there. Builds kept: {known}."
        raise NoBuild(msg)
    newest = last_build(home)
    is_newest = newest is not None and newest.number == number
    return number, build_path(builds_folder(home), number), newest if is_newest else None
