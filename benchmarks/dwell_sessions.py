"""Dwell's sessions alone, as its full build makes them: what the peers do, and its checks.

    python -m benchmarks.dwell_sessions HOME TARGET

Reads the lake of a home piece by piece, sets aside what goes on over a seam, and writes a Parquet
file of sessions for each piece into the folder TARGET, with the columns that the peers write.
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
from warehouse.build import full
from warehouse.build.model_inputs import lay_out, lay_out_events
from warehouse.build.runner import Tally, ancestors_of, ordered_models
from warehouse.build.sessioniser import Sessioniser, Worker

_SUMMED_UP = "int_session_totals"
_SESSIONS = (Path(__file__).parent / "sql" / "sessions_dwell.sql").read_text(encoding="utf-8")


def write_sessions(home: Path, target: Path) -> None:
    """Writes the sessions of a home's lake into the folder, which is there and empty."""
    lake, now = Lake(home), datetime.now(UTC)
    commits, settings = lake.commits(), load_settings(home)
    models = ordered_models()
    needed = ancestors_of(models, [_SUMMED_UP])
    with duckdb.connect(config={"memory_limit": "4GB"}) as con:
        con.execute("attach ':memory:' as working")
        con.execute("set TimeZone = 'UTC'")
        lay_out(con, lake, commits, settings, now)

        def open_worker() -> Worker:
            worker = con.cursor()
            worker.execute("set TimeZone = 'UTC'")
            lay_out_events(worker, lake, commits, settings, now)
            return worker

        sessions = Sessioniser(open_worker, lake.root, target, "memory", 0, Tally())
        # int_sessions is what a piece leaves behind as a file.
        sessions.steps = [
            replace(model, sql=_SESSIONS) if model.name == "int_sessions" else model
            for model in sessions.steps
            if model.name in needed or model.name == "int_sessions"
        ]
        sessions.pairs = []
        full.make_sessions(con, sessions, lake, commits)
        sessions.tally.refuse_bad()


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
