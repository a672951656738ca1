"""Runs models in the order of what they read, and checks. Never publishes."""

import time
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from graphlib import TopologicalSorter
from threading import Lock

import duckdb

from etl.config.settings import Settings
from etl.duck import connect, create_table, quoted
from etl.errors import BuildError, CheckFailed
from warehouse import event_parts, table_parts
from warehouse.build.chat_facts import chat_macros
from warehouse.build.failures import LOOK
from warehouse.build.model_files import Check, Model, checks, models
from warehouse.build.model_inputs import INPUTS
from warehouse.build.own_columns import TABLES, own_tables, with_own_tables
from warehouse.build.page_names import page_name_macro
from warehouse.build.steps import step_sql
from warehouse.build.told_counts import told_counts_macro

# Called with each model made and each check asked: its name or sentence, its rows, its seconds.
OnStep = Callable[[str, int | None, float], None]

_MODEL_COLUMNS = {
    **dict.fromkeys(("name", "layer", "sentence"), "VARCHAR"),
    "rows": "BIGINT",
    "seconds": "DOUBLE",
}


def ignore_step(step: str, rows: int | None, seconds: float) -> None:
    """An OnStep for those who do not want to know."""


@dataclass
class RunResults:
    """What became of each model and check, over all chunks it was run on.

    rows      model → rows made; None for those that are views
    seconds   model → time spent, in all threads
    bad_rows  check's sentence → bad rows, at most a thousand of a run, and the first of them
    checks    check → bad rows found and time spent, of those that were asked
    """

    rows: dict[str, int | None] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    bad_rows: dict[str, tuple[int, object]] = field(default_factory=dict)
    checks: dict[str, tuple[int, float]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def add(self, model: Model, rows: int | None, seconds: float) -> None:
        """Counts one run of a model."""
        with self.lock:
            before = self.rows.get(model.name)
            self.rows[model.name] = rows if before is None or rows is None else before + rows
            self.seconds[model.name] = self.seconds.get(model.name, 0.0) + seconds

    def add_check(self, check: Check, rows: int, seconds: float) -> None:
        """Counts one run of a check."""
        with self.lock:
            known, spent = self.checks.get(check.name, (0, 0.0))
            self.checks[check.name] = known + rows, round(spent + seconds, 4)

    def add_bad_rows(self, check: Check, rows: Sequence[object]) -> None:
        """Counts the bad rows of one run of a check."""
        with self.lock:
            count, first = self.bad_rows.get(check.sentence, (0, rows[0]))
            self.bad_rows[check.sentence] = count + len(rows), first

    def refuse_bad_rows(self) -> None:
        """CheckFailed when a check had a bad row."""
        if not self.bad_rows:
            return
        sentences = " ".join(
            f"{check}: {'1000 or more' if count >= 1000 else count} bad rows, the first is {row}."
            for check, (count, row) in self.bad_rows.items()
        )
        msg = (
            "The new build was not published, the current one stays. A check found bad rows. "
            f"{sentences} Run 'dwell build --full'; if it happens again, report it with this text."
        )
        raise CheckFailed(msg)


def in_order(models: Iterable[Model]) -> list[Model]:
    """The models so that each comes after those it reads. BuildError on an unknown input."""
    return list(_in_order(tuple(models)))


# A build asks several times; the files' texts are what decides.
@cache
def _in_order(models: tuple[Model, ...]) -> tuple[Model, ...]:
    by_name = {model.name: model for model in models}
    graph = inputs_of(models)
    for name, inputs in graph.items():
        unknown = inputs - by_name.keys() - set(INPUTS)
        if unknown:
            msg = (
                f"Model {name} reads {', '.join(sorted(unknown))}, which is no model and "
                f"no input. Inputs: {', '.join(INPUTS)}."
            )
            raise BuildError(msg)
    known = {name: inputs & by_name.keys() for name, inputs in graph.items()}
    return tuple(by_name[name] for name in TopologicalSorter(known).static_order())


def inputs_of(models: Iterable[Model]) -> dict[str, set[str]]:
    """Model → the names that its SQL reads."""
    texts = {model.name: model.sql for model in models}
    # Whatever order they come in, they are read once.
    inputs = _inputs_of(tuple(sorted(texts.items())))
    return {name: inputs[name] for name in texts}


@cache
def _inputs_of(texts: tuple[tuple[str, str], ...]) -> dict[str, set[str]]:
    # Names are read where no table is: with the views there, the engine would open their files.
    with connect() as con:
        # A function that is missing is told all the same.
        con.execute(page_name_macro(()))
        con.execute(told_counts_macro())
        for macro in chat_macros().values():
            con.execute(macro)
        tables = own_tables(Settings())
        return {name: set(con.get_table_names(with_own_tables(sql, tables))) for name, sql in texts}


def ancestors_of(models: Sequence[Model], names: Sequence[str]) -> set[str]:
    """The names of all models that these read, through each other too, and their own."""
    inputs = inputs_of(models)
    known: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in inputs and name not in known:
            known.add(name)
            waiting += inputs[name]
    return known


def ordered_models() -> list[Model]:
    """All models, each after those it reads."""
    return in_order(models())


def names_in_parts(models: Iterable[Model]) -> list[str]:
    """The tables that are kept in parts row by row: all that are but the events."""
    return [m.name for m in models if m.kept_as == "parts" and m.name != event_parts.TABLE]


def make(con: duckdb.DuckDBPyConnection, model: Model, results: RunResults) -> None:
    """Creates the table or view that a model is, whole. BuildError when it cannot run."""
    life = "" if model.is_mart else "temp "
    created = f"{life}{model.kept_as} {model.name}"
    if model.kept_as == "parts":
        created = f"table {table_parts.new(model.name)}"
    run(con, model, f"create or replace {created} as {model.sql}", results)
    if model.kept_as == "parts":
        table_parts.show(con, model.name)


def run(con: duckdb.DuckDBPyConnection, model: Model, text: str, results: RunResults) -> None:
    """Runs a statement that a model is in, and counts its rows. BuildError when it cannot run."""
    started = time.monotonic()
    try:
        answer = con.execute(_filled_in(con, text)).fetchall()
    except duckdb.Error as error:
        msg = f"Model {model.name} could not be made: {error}. The current build stays. {LOOK}"
        raise BuildError(msg) from error
    rows = answer[0][0] if answer and isinstance(answer[0][0], int) else None
    results.add(model, rows, time.monotonic() - started)


def _filled_in(con: duckdb.DuckDBPyConnection, text: str) -> str:
    """The text with the selects of TABLES; few models name one."""
    return with_own_tables(text, given_tables(con)) if "own_" in text else text


def given_tables(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The selects of TABLES, as the settings of this build have them."""
    row = con.execute(f"select {', '.join(TABLES)} from given_settings").fetchall()[0]  # noqa: S608
    return dict(zip(TABLES, row, strict=True))


def run_checks(
    con: duckdb.DuckDBPyConnection,
    scopes: Container[str],
    results: RunResults,
    on_step: OnStep = ignore_step,
) -> None:
    """Asks the checks of these scopes for bad rows."""
    for check in checks():
        if check.scope not in scopes:
            continue
        started = time.monotonic()
        bad_rows = con.sql(check.sql).limit(1000).fetchall()
        seconds = time.monotonic() - started
        on_step(check.sentence, len(bad_rows), seconds)
        results.add_check(check, len(bad_rows), seconds)
        if bad_rows:
            results.add_bad_rows(check, bad_rows)


def comment(
    con: duckdb.DuckDBPyConnection, models: Sequence[Model], in_parts: str = "view"
) -> None:
    """Copies the files' notes onto the marts: one text for the shell, notebooks and pages.

    What was taken over from the last build has them already: they are of the same models.
    `in_parts`: what the file has of a table that builds keep in parts.
    """
    commented = {place for (place,) in con.execute(step_sql("commented")).fetchall()}
    for model in models:
        kind = in_parts if model.kept_as == "parts" else model.kept_as
        notes = {f"column {model.name}.{name}": note for name, note in model.column_notes.items()}
        notes |= {f"{kind} {model.name}": f"{model.sentence} Grain: {model.grain}."}
        for place, note in notes.items():
            if place not in commented:
                con.execute(f"comment on {place} is {quoted(note)}")


def write_models(con: duckdb.DuckDBPyConnection, results: RunResults) -> None:
    """The table of the models: what they say, how many rows they made and how long that took."""
    rows = [
        {
            "name": model.name,
            "layer": model.layer,
            "sentence": model.sentence,
            "rows": results.rows.get(model.name),
            "seconds": round(results.seconds.get(model.name, 0), 4),
        }
        for model in ordered_models()
    ]
    create_table(con, "model_rows", _MODEL_COLUMNS, rows)
    con.execute("create or replace table models as from model_rows")
    for column, note in {
        "name": "Name of the model.",
        "layer": "staging, intermediate or marts; only marts are in the build.",
        "sentence": "What it says.",
        "rows": "Rows that this build made of it; null for views, and where nothing had changed.",
        "seconds": "Time it took this build to make them.",
    }.items():
        con.execute(f"comment on column models.{column} is '{note}'")
    con.execute("comment on table models is 'The models of this build. One row per name.'")
