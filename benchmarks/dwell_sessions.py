"""Dwell's sessions alone, as its full build makes them: what the peers do, and its checks.

    python -m benchmarks.dwell_sessions HOME TARGET

Reads the lake of a home chunk by chunk, sets aside what goes on over a seam, and writes a Parquet
file of sessions for each chunk into the folder TARGET, with the columns that the peers write.
Prints what they print. Everything else of a build is left out: events with their sessions,
patterns, users, days.
"""

import argparse
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from benchmarks.session_peers import tell
from etl.config.settings import load_settings
from etl.lake import Lake
from warehouse.build.model_inputs import lay_out, lay_out_events
from warehouse.build.runner import RunResults, ancestors_of, ordered_models
from warehouse.build.sessioniser import (
    SessionModels,
    SessionTarget,
    Worker,
    session_models,
    sessions_in_memory,
)
from warehouse.build.whole_lake import make_sessions

_SUMMED_UP = "int_session_totals"
_SESSIONS = (Path(__file__).parent / "sql" / "sessions_dwell.sql").read_text(encoding="utf-8")


def write_sessions(home: Path, target: Path) -> None:
    """Writes the sessions of a home's lake into the folder, which is there and empty."""
    lake, now = Lake(home), datetime.now(UTC)
    state, settings = lake.state(), load_settings(home)
    with duckdb.connect(config={"memory_limit": "4GB"}) as con:
        con.execute("attach ':memory:' as working")
        con.execute("set TimeZone = 'UTC'")
        lay_out(con, state, settings, now)

        def open_worker() -> Worker:
            worker = con.cursor()
            worker.execute("set TimeZone = 'UTC'")
            lay_out_events(worker, state, settings, now)
            return worker

        results = RunResults()
        made_with = SessionTarget(open_worker, _models(), state, target, "memory", 0, results)
        make_sessions(con, made_with, state)
        results.refuse_bad_rows()
        for number in made_with.in_memory:
            file = target / f"int_sessions-{number}.parquet"
            con.execute(f"copy {sessions_in_memory(number)} to '{file}' (format parquet)")


def _models() -> SessionModels:
    """The models up to the sums; int_sessions is what a chunk leaves behind as a file."""
    models = session_models()
    needed = ancestors_of(ordered_models(), [_SUMMED_UP])
    steps = [
        replace(model, sql=_SESSIONS) if model.name == "int_sessions" else model
        for model in models.steps
        if model.name in needed or model.name == "int_sessions"
    ]
    return replace(models, steps=steps, pairs=[])


def main() -> None:
    """Prints what it took as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("target", type=Path, help="a folder that is not there yet")
    args = parser.parse_args()
    args.target.mkdir()
    tell(lambda: write_sessions(args.home, args.target))


if __name__ == "__main__":
    main()
