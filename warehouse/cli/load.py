"""dwell load: files or configured sources into the lake, then a build."""

import argparse
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from etl.errors import ConfigError, DwellError
from etl.lake import Lake, locked
from etl.load import Outcome, load, requests_of
from etl.settings import Settings
from etl.source_config import check_sessions, parse_map
from etl.sources import Request, check_format
from warehouse.build import Build, build, read_pointer
from warehouse.cli.demo_home import refuse_own_data
from warehouse.cli.output import count, fail, log, say, say_json

EXAMPLE = "dwell load visits.csv --source shop --map \"user=uid,time=ts,type='visit'\""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Paths and how to read them."""
    command.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="files, folders or patterns; none: dwell.toml's",
    )
    command.add_argument("--format", metavar="F", help="events, mongo_sessions or tables")
    command.add_argument("--source", metavar="NAME", help="source that the files belong to")
    command.add_argument(
        "--map",
        metavar="ROLE=COLUMN,…",
        help="columns by name, or by number from 1 in a file without header; roles: user, time, "
        "type, id, page, session, any other becomes a property; 'x' in quotes is a constant",
    )
    command.add_argument(
        "--sessions", metavar="R", help="inactivity or tracker: how the source sessionises"
    )
    command.add_argument("--time-zone", metavar="ZONE", help="zone of times without offset")
    command.add_argument(
        "--exclude-users",
        metavar="ID,…",
        help="users that are left out (--exclude-users=-1)",
    )


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Loads and builds; 1 when a file failed or a check refused the build."""
    inputs = inputs_of(args, settings)
    started = time.monotonic()
    with locked(settings.home):
        outcomes, made, problem = load_and_build(settings, inputs)
    seconds = round(time.monotonic() - started, 3)
    if args.json:
        say_json(summary(outcomes, made, seconds) | ({"error": problem} if problem else {}))
    else:
        _tell(outcomes, made, seconds)
    if problem:
        return fail(problem, 1, as_json=False)
    return 1 if any(outcome.status == "failed" for outcome in outcomes) else 0


def load_and_build(
    settings: Settings, inputs: list[tuple[str, Request]]
) -> tuple[list[Outcome], Build | None, str | None]:
    """Outcomes, the current build, and why no build could be made. Hold the lock."""
    progress = _Progress()
    outcomes = load(settings, inputs, told=progress.file)
    if not Lake(settings.home).commits() and read_pointer(settings.home) is None:
        return outcomes, None, None
    try:
        return outcomes, build(settings, told=progress.step), None
    except DwellError as error:
        return outcomes, None, str(error)
    finally:
        progress.close()


def inputs_of(args: argparse.Namespace, settings: Settings) -> list[tuple[str, Request]]:
    """What to load: the given paths, else the configured sources (or the one named).

    ConfigError when there is nothing to load, or the home is the demo's and this is not.
    """
    inputs = _asked_for(args, settings)
    refuse_own_data(settings.home, [pattern for pattern, _ in inputs])
    return inputs


def _asked_for(args: argparse.Namespace, settings: Settings) -> list[tuple[str, Request]]:
    known = {source.name: source for source in settings.sources}
    check_format(args.format)
    check_sessions(args.sessions)
    if args.paths:
        request = Request(source=args.source)
        if args.source in known:
            request = requests_of(known[args.source])[0][1]
        asked = {
            "format": args.format,
            "map": parse_map(args.map),
            "sessions": args.sessions,
            "time_zone": args.time_zone,
            "exclude_users": tuple((args.exclude_users or "").split(",")),
        }
        given = {name: value for name, value in asked.items() if value and value != ("",)}
        return [(path, replace(request, **given)) for path in args.paths]
    if args.source is not None and args.source not in known:
        names = ", ".join(known) or "none"
        msg = f"No source '{args.source}' is configured. Configured: {names}."
        raise ConfigError(msg)
    chosen = [known[args.source]] if args.source else list(known.values())
    if not chosen:
        msg = (
            "Nothing to load: no PATH was given and no source is configured. Name files "
            "(dwell load events.csv), or copy dwell.example.toml to dwell.toml and edit it."
        )
        raise ConfigError(msg)
    return [one for source in chosen for one in requests_of(source)]


def summary(outcomes: list[Outcome], made: Build | None, seconds: float) -> dict[str, object]:
    """The object of --json."""
    return {
        "build": made.number if made else None,
        "batches": [asdict(outcome) for outcome in outcomes],
        "sessions": made.sessions if made else 0,
        "events": made.events if made else 0,
        "as_of": made.as_of if made else None,
        "path": str(made.path.resolve()) if made else None,
        "seconds": seconds,
    }


def _tell(outcomes: list[Outcome], made: Build | None, seconds: float) -> None:
    loaded = [outcome for outcome in outcomes if outcome.status == "loaded"]
    unchanged = sum(outcome.status == "unchanged" for outcome in outcomes)
    failed = sum(outcome.status == "failed" for outcome in outcomes)
    read = sum(outcome.rows_read for outcome in loaded)
    say(
        f"{count(len(loaded), 'file')} loaded, {unchanged} unchanged, {failed} failed; "
        f"{count(read, 'row')} read: {count(sum(o.rows_loaded for o in loaded))} loaded, "
        f"{count(sum(o.rows_duplicate for o in loaded))} duplicate, "
        f"{count(sum(o.rows_rejected for o in loaded))} rejected."
    )
    if made is None:
        say("No build was made.")
        return
    word = f"Build {made.number} ({made.reason})"
    say(
        f"{word}: {count(made.sessions, 'session')}, {count(made.events, 'event')}, as of "
        f"{made.as_of or 'no event'} UTC. {seconds:.1f} s."
    )
    if any(outcome.rows_rejected for outcome in loaded):
        say("'dwell status' says which rows were rejected and why.")


class _Progress:
    """One log line per file and step; on a terminal a bar over the files as well."""

    def __init__(self) -> None:
        self.bar: Any = None

    def file(self, outcome: Outcome, number: int, total: int) -> None:
        if sys.stderr.isatty() and total > 1:
            from tqdm import tqdm

            if self.bar is None:
                self.bar = tqdm(total=total, unit="file", leave=False, file=sys.stderr)
            self.bar.update(1)
            if outcome.status == "failed":
                self.bar.write(_line(outcome), file=sys.stderr)
            return
        if outcome.status != "unchanged":
            log(_line(outcome))

    def step(self, name: str, rows: int | None, seconds: float) -> None:
        self.close()
        if seconds >= 1:
            log(f"  {name}: {count(rows)} rows, {seconds:.1f} s")

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()
            self.bar = None


def _line(outcome: Outcome) -> str:
    if outcome.status == "failed":
        return f"failed: {outcome.message}"
    return (
        f"{Path(outcome.file).name} → {outcome.source} ({outcome.format}): "
        f"{count(outcome.rows_read)} read, {count(outcome.rows_loaded)} loaded, "
        f"{count(outcome.rows_duplicate)} duplicate, {count(outcome.rows_rejected)} rejected, "
        f"{outcome.seconds:.1f} s" + (f" ({outcome.message})" if outcome.message else "")
    )
