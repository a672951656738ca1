"""dwell load: files or configured sources into the lake, then a build."""

import argparse
import time
from contextlib import closing
from dataclasses import asdict, dataclass, replace

from etl.config.settings import Settings
from etl.config.sources import check_sessions, parse_map
from etl.errors import ConfigError, DwellError
from etl.formats.format import Request
from etl.formats.registry import check_format, request_of, requests_of
from etl.lake import Lake, locked
from etl.landing_folder import landing_folder
from etl.load.dropped_files import landed, takes_landed_files
from etl.load.inputs import Inputs
from etl.load.outcome import Outcome
from etl.load.run import load
from warehouse.build import Build, build
from warehouse.build.prune import prune
from warehouse.build.publish import read_pointer
from warehouse.cli.output import count, fail, log, say, say_json
from warehouse.cli.progress import Progress
from warehouse.demo_home import demo_folder, demo_mark, refuse_own_data

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


@dataclass(frozen=True)
class Wanted:
    """What a load is to take, and what it leaves for the next one."""

    inputs: Inputs
    waiting: tuple[Outcome, ...] = ()


@dataclass(frozen=True)
class Result:
    """What a load and its build came to. `problem`: why no build could be made."""

    outcomes: tuple[Outcome, ...]
    build: Build | None
    problem: str | None
    warnings: tuple[str, ...]
    seconds: float

    def how_many(self, status: str) -> int:
        """Files of that status."""
        return sum(outcome.status == status for outcome in self.outcomes)

    @property
    def exit_code(self) -> int:
        """1 when a file failed or there is a problem."""
        return 1 if self.problem or self.how_many("failed") else 0


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Loads and builds; 1 when a file failed or a check refused the build."""
    wanted = wanted_of(args, settings)
    with locked(settings.home):
        result = load_and_build(settings, wanted)
    if args.json:
        say_json(summary(result))
    else:
        _tell(result)
    if result.problem:
        fail(result.problem, 1, as_json=False)
    return result.exit_code


def load_and_build(settings: Settings, wanted: Wanted) -> Result:
    """Loads, then builds when there is something to build of. Hold the lock."""
    started = time.monotonic()
    made, problem = None, None
    with closing(Progress()) as progress:
        outcomes = load(settings, wanted.inputs, waiting=wanted.waiting, listener=progress)
        try:
            if Lake(settings.home).commits() or read_pointer(settings.home):
                made = build(settings, told=progress.step)
            if made and settings.keep_events:
                keep = settings.keep_events
                made = prune(settings, older_than=keep, told=progress.step).build
        except DwellError as error:
            problem = str(error)
    seconds = round(time.monotonic() - started, 3)
    result = Result(tuple(outcomes), made, problem, tuple(progress.warnings), seconds)
    told = summary(result)
    statuses = {s: result.how_many(s) for s in ("loaded", "unchanged", "waiting", "failed")}
    names = ("build", "sessions", "events", "as_of", "seconds")
    facts = statuses | {name: told[name] for name in names}
    level = "error" if result.exit_code else "info"
    log("load finished", event="load_finished", level=level, is_detail=True, **facts)
    return result


def wanted_of(args: argparse.Namespace, settings: Settings) -> Wanted:
    """The given paths, else what is configured and what has landed (or one source of that).

    ConfigError when there is nothing to load from, or the home is the demo's and this is not.
    """
    check_format(args.format)
    check_sessions(args.sessions)
    if not args.paths:
        return wanted_by_default(settings, args.source)
    known = {source.name: source for source in settings.sources}
    request = request_of(known[args.source]) if args.source in known else Request(args.source)
    asked = {
        "format": args.format,
        "map": parse_map(args.map),
        "sessions": args.sessions,
        "time_zone": args.time_zone,
        "exclude_users": tuple((args.exclude_users or "").split(",")),
    }
    given = {name: value for name, value in asked.items() if value and value != ("",)}
    refuse_own_data(settings.home, args.paths)
    return Wanted([(path, replace(request, **given)) for path in args.paths])


def wanted_by_default(settings: Settings, name: str | None = None) -> Wanted:
    """What all configured sources and the landing folder have, or those of one source."""
    home = settings.home
    landing = landing_folder(home)
    sources = [source for source in settings.sources if name in (None, source.name)]
    for source in sources:
        if takes_landed_files(source) and not source.paths and not (landing / source.name).is_dir():
            msg = (
                f"The source '{source.name}' has no path, and nothing has landed for it in "
                f'{landing / source.name}. Add path = "exports/*.ndjson", or make that folder.'
            )
            raise ConfigError(msg)
    if name is not None and not sources and not (landing / name).is_dir():
        names = ", ".join(source.name for source in settings.sources) or "none"
        msg = (
            f"No source '{name}' is configured, and there is no {landing / name}. "
            f"Configured: {names}."
        )
        raise ConfigError(msg)
    if not sources and not landing.is_dir():
        msg = (
            "Nothing to load: no PATH was given and no source is configured. Name files "
            "(dwell load events.csv), drop them in the folder "
            f"{landing}, or copy dwell.example.toml to dwell.toml and edit it."
        )
        raise ConfigError(msg)
    skip = [demo_folder(home)] if demo_mark(home).exists() else []
    whole, unfinished = landed(settings, name=name, skip=skip)
    inputs = [one for source in sources for one in requests_of(source)] + whole
    refuse_own_data(home, [pattern for pattern, _ in inputs])
    return Wanted(
        inputs,
        tuple(
            Outcome(one.source or "", str(one.path), "waiting", message=one.reason)
            for one in unfinished
        ),
    )


def summary(result: Result) -> dict[str, object]:
    """The object of --json."""
    made = result.build
    found: dict[str, object] = {
        "build": made.number if made else None,
        "batches": [asdict(outcome) for outcome in result.outcomes],
        "warnings": list(result.warnings),
        "sessions": made.sessions if made else 0,
        "events": made.events if made else 0,
        "as_of": made.as_of if made else None,
        "path": str(made.path.resolve()) if made else None,
        "seconds": result.seconds,
    }
    return found | ({"error": result.problem} if result.problem else {})


def _tell(result: Result) -> None:
    made = result.build
    loaded = [outcome for outcome in result.outcomes if outcome.status == "loaded"]
    waiting = result.how_many("waiting")
    say(
        f"{count(len(loaded), 'file')} loaded, {result.how_many('unchanged')} unchanged, "
        + (f"{waiting} waiting, " if waiting else "")
        + f"{result.how_many('failed')} failed; "
        f"{count(sum(o.rows_read for o in loaded), 'row')} read: "
        f"{count(sum(o.rows_loaded for o in loaded))} loaded, "
        f"{count(sum(o.rows_duplicate for o in loaded))} duplicate, "
        f"{count(sum(o.rows_rejected for o in loaded))} rejected."
    )
    if made is None:
        say("No build was made.")
        return
    word = f"Build {made.number} ({made.reason})"
    say(
        f"{word}: {count(made.sessions, 'session')}, {count(made.events, 'event')}, as of "
        f"{made.as_of or 'no event'} UTC. {result.seconds:.1f} s."
    )
    if any(outcome.rows_rejected for outcome in loaded):
        say("'dwell status' says which rows were rejected and why.")
