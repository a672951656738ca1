"""Runs models in the order of what they read, and checks. Never publishes."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from graphlib import TopologicalSorter
from threading import Lock

import duckdb

from etl.duck import quoted
from etl.errors import BuildError, CheckFailed
from warehouse.build.model_files import Check, Model, checks, models
from warehouse.build.model_inputs import INPUTS
from warehouse.build.page_names import page_name_macro

Told = Callable[[str, int | None, float], None]


def silent(step: str, rows: int | None, seconds: float) -> None:
    """Hears each step and says nothing."""


@dataclass
class Tally:
    """What became of each model and check, over all pieces it was run on.

    rows     model → rows made; None for those that are views
    seconds  model → time spent, in all threads
    bad      check's sentence → bad rows met, at most a thousand of a run, and the first of them
    """

    rows: dict[str, int | None] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    bad: dict[str, tuple[int, object]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def add(self, name: str, rows: int | None, seconds: float) -> None:
        """Counts one run of a model or a check."""
        with self.lock:
            known = self.rows.get(name)
            self.rows[name] = rows if known is None or rows is None else known + rows
            self.seconds[name] = self.seconds.get(name, 0.0) + seconds

    def add_bad(self, check: Check, rows: Sequence[object]) -> None:
        """Counts what a check has found."""
        with self.lock:
            count, first = self.bad.get(check.sentence, (0, rows[0]))
            self.bad[check.sentence] = count + len(rows), first

    def refuse_bad(self) -> None:
        """CheckFailed when a check has found a bad row."""
        if not self.bad:
            return
        found = [
            f"{sentence}: {'1000 or more' if count >= 1000 else count} bad rows, the first is {row}"
            for sentence, (count, row) in self.bad.items()
        ]
        msg = (
            "The new build was not published, the current one stays. A check found bad rows. "
            + " ".join(f"{one}." for one in found)
            + " Run 'dwell build --full'; if it happens again, report it with this text."
        )
        raise CheckFailed(msg)


def in_order(found: Sequence[Model]) -> list[Model]:
    """The models so that each comes after those it reads. BuildError on an unknown input."""
    by_name = {model.name: model for model in found}
    graph = inputs_of(found)
    for model in found:
        unknown = graph[model.name] - by_name.keys() - set(INPUTS)
        if unknown:
            msg = (
                f"Model {model.name} reads {', '.join(sorted(unknown))}, which is no model and "
                f"no input. Inputs: {', '.join(INPUTS)}."
            )
            raise BuildError(msg)
    known = {name: inputs & by_name.keys() for name, inputs in graph.items()}
    return [by_name[name] for name in TopologicalSorter(known).static_order()]


def inputs_of(found: Iterable[Model]) -> dict[str, set[str]]:
    """Model → the names that its SQL reads."""
    return _inputs_of(tuple((model.name, model.sql) for model in found))


@cache
def _inputs_of(found: tuple[tuple[str, str], ...]) -> dict[str, set[str]]:
    # Names are read where no table is: with the views there, the engine would open their files.
    with duckdb.connect() as con:
        # A function that is missing is told all the same.
        con.execute(page_name_macro(()))
        return {name: set(con.get_table_names(sql)) for name, sql in found}


def ancestors_of(found: Sequence[Model], names: Sequence[str]) -> set[str]:
    """The names of all models that these read, through each other too, and their own."""
    inputs = inputs_of(found)
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


def kind_of(model: Model) -> str:
    """What a model becomes where it is made whole, such as `temp table int_streams`."""
    life = "" if model.is_mart else "temp "
    return f"{life}{model.kept_as} {model.name}"


def make(con: duckdb.DuckDBPyConnection, model: Model, target: str, tally: Tally) -> None:
    """Creates what the model says as the target, such as `temp table int_streams`.

    BuildError when it cannot run.
    """
    run(con, model, f"create or replace {target} as {model.sql}", tally)


def run(con: duckdb.DuckDBPyConnection, model: Model, text: str, tally: Tally) -> None:
    """Runs a statement that a model is in, and counts its rows. BuildError when it cannot run."""
    started = time.monotonic()
    try:
        answer = con.execute(text).fetchall()
    except duckdb.Error as error:
        msg = f"Model {model.name} could not be made: {error}. The current build stays."
        raise BuildError(msg) from error
    rows = answer[0][0] if answer and isinstance(answer[0][0], int) else None
    tally.add(model.name, rows, time.monotonic() - started)


def run_checks(
    con: duckdb.DuckDBPyConnection, scopes: Iterable[str], tally: Tally, told: Told = silent
) -> None:
    """Asks the checks of these scopes for bad rows."""
    for check in checks():
        if check.scope not in scopes:
            continue
        started = time.monotonic()
        bad = con.sql(check.sql).limit(1000).fetchall()
        told(check.sentence, len(bad), time.monotonic() - started)
        if bad:
            tally.add_bad(check, bad)


def comment(con: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Copies the file's notes onto the mart: one text for the shell, notebooks and pages."""
    kind = "view" if model.kept_as != "table" else "table"
    text = f"{model.sentence} Grain: {model.grain}."
    con.execute(f"comment on {kind} {model.name} is {quoted(text)}")
    for column, note in model.column_notes.items():
        con.execute(f"comment on column {model.name}.{column} is {quoted(note)}")


def write_models(con: duckdb.DuckDBPyConnection, tally: Tally) -> None:
    """The table of the models: what they say, how many rows they made and how long that took."""
    ran = [
        (
            m.name,
            m.layer,
            m.sentence,
            tally.rows.get(m.name),
            round(tally.seconds.get(m.name, 0), 4),
        )
        for m in ordered_models()
    ]
    con.execute(
        "create or replace table models (name varchar, layer varchar, sentence varchar, "
        "rows bigint, seconds double)"
    )
    con.executemany("insert into models values (?, ?, ?, ?, ?)", ran)
    for column, note in {
        "name": "Name of the model.",
        "layer": "staging, intermediate or marts; only marts are in the build.",
        "sentence": "What it says.",
        "rows": "Rows that this build made of it; null for views, and where nothing had changed.",
        "seconds": "Time it took this build to make them.",
    }.items():
        con.execute(f"comment on column models.{column} is '{note}'")
    con.execute("comment on table models is 'The models of this build. One row per name.'")
