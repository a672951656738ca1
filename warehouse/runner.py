"""Runs the models in the order of what they read, then the checks. Never publishes."""

import time
from collections.abc import Callable, Sequence
from graphlib import TopologicalSorter

import duckdb

from etl.errors import BuildError, CheckFailed
from warehouse.lake_views import INPUTS
from warehouse.model_files import Model, checks, models
from warehouse.page_names import page_name_macro

Told = Callable[[str, int | None, float], None]


def silent(step: str, rows: int | None, seconds: float) -> None:
    """Hears each step and says nothing."""


def in_order(found: Sequence[Model]) -> list[Model]:
    """The models so that each comes after those it reads. BuildError on an unknown input."""
    by_name = {model.name: model for model in found}
    graph = {}
    # Names are read where no table is: with the views there, the engine would open their files.
    con = duckdb.connect()
    # A function that is missing is told all the same.
    con.execute(page_name_macro(()))
    for model in found:
        inputs = con.get_table_names(model.sql)
        unknown = inputs - by_name.keys() - set(INPUTS)
        if unknown:
            msg = (
                f"Model {model.name} reads {', '.join(sorted(unknown))}, which is no model and "
                f"no input. Inputs: {', '.join(INPUTS)}."
            )
            raise BuildError(msg)
        graph[model.name] = inputs & by_name.keys()
    con.close()
    return [by_name[name] for name in TopologicalSorter(graph).static_order()]


def run_models(con: duckdb.DuckDBPyConnection, told: Told = silent) -> None:
    """Makes every model in the connection, which holds INPUTS. BuildError when one cannot run."""
    ran = []
    for model in in_order(models()):
        started = time.monotonic()
        kind = (
            "table" if model.is_mart else "temp view" if model.layer == "staging" else "temp table"
        )
        try:
            con.execute(f"create {kind} {model.name} as {model.sql}")
        except duckdb.Error as error:
            msg = f"Model {model.name} could not be made: {error}. The current build stays."
            raise BuildError(msg) from error
        seconds = time.monotonic() - started
        rows = None
        if model.layer != "staging":
            rows = con.execute(f"select count(*) from {model.name}").fetchall()[0][0]  # noqa: S608
        if model.is_mart:
            _comment(con, model)
        ran.append((model.name, model.layer, model.sentence, rows, round(seconds, 4)))
        told(model.name, rows, seconds)
    con.execute(
        "create table models (name varchar, layer varchar, sentence varchar, rows bigint, "
        "seconds double)"
    )
    con.executemany("insert into models values (?, ?, ?, ?, ?)", ran)
    for column, note in {
        "name": "Name of the model.",
        "layer": "staging, intermediate or marts; only marts are tables of the build.",
        "sentence": "What it says.",
        "rows": "Its rows; null for views.",
        "seconds": "Time it took to make.",
    }.items():
        con.execute(f"comment on column models.{column} is '{note}'")
    con.execute("comment on table models is 'The models of this build. One row per name.'")


def _comment(con: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Copies the file's notes onto the table: one text for the shell, notebooks and pages."""
    text = f"{model.sentence} Grain: {model.grain}."
    con.execute(f"comment on table {model.name} is '{_escaped(text)}'")
    for column, note in model.column_notes.items():
        con.execute(f"comment on column {model.name}.{column} is '{_escaped(note)}'")


def run_checks(con: duckdb.DuckDBPyConnection, told: Told = silent) -> None:
    """Asks every check for bad rows. CheckFailed when one has some."""
    failed = []
    for check in checks():
        started = time.monotonic()
        bad = con.sql(check.sql).limit(1000).fetchall()
        told(check.sentence, len(bad), time.monotonic() - started)
        if bad:
            count = "1000 or more" if len(bad) == 1000 else str(len(bad))
            failed.append(f"{check.sentence}: {count} bad rows, the first is {bad[0]}")
    if failed:
        msg = (
            "The new build was not published, the current one stays. A check found bad rows. "
            + " ".join(f"{one}." for one in failed)
            + " Run 'dwell build --full'; if it happens again, report it with this text."
        )
        raise CheckFailed(msg)


def _escaped(text: object) -> str:
    return str(text).replace("'", "''")
