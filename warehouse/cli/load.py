"""dwell load: files or configured sources into the lake, then a build."""

import argparse
from contextlib import closing
from dataclasses import replace
from typing import Any

from etl.config.keys import TIME_FORMAT, TIME_ZONE, Kind
from etl.config.settings import Settings
from etl.config.sources import check_sessions, parse_map
from etl.errors import ConfigError
from etl.formats.registry import check_format
from etl.lake import locked
from warehouse.cli.output import count, fail, log, say, say_json
from warehouse.cli.progress import Progress
from warehouse.refresh import (
    Result,
    Wanted,
    load_and_build,
    summary,
    wanted_by_default,
    wanted_files,
)

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
        "type, id, page, session, any other becomes a property; 'x' in quotes is a constant; "
        "time=DATE+CLOCK joins two columns",
    )
    command.add_argument(
        "--sessions", metavar="R", help="inactivity or tracker: how the source sessionises"
    )
    command.add_argument("--time-zone", metavar="ZONE", help="zone of times without offset")
    command.add_argument(
        "--time-format",
        metavar="T",
        help="shape of the times, where it is not told from the column: epoch_ms, day_first, "
        "excel, … (docs/formats.md) or a strptime pattern",
    )
    command.add_argument(
        "--exclude-users",
        metavar="ID,…",
        help="users that are left out (--exclude-users=-1)",
    )
    command.add_argument(
        "--again",
        action="store_true",
        help="read files again that an older Dwell has read: what it took for other ids or times "
        "is put right (`dwell status` names the sources)",
    )


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Loads and builds; 1 when a file failed, no row of one could be an event, nothing was found
    to build of, or a check refused the build."""
    wanted = replace(wanted_of(args, settings), again=args.again)
    with locked(settings.home):
        result = load_with_progress(settings, wanted)
    if args.json:
        say_json(summary(result))
    else:
        _tell(result)
    if result.problem:
        fail(result.problem, 1, as_json=False)
    return int(result.has_failed)


def load_with_progress(settings: Settings, wanted: Wanted) -> Result:
    """What a load and its build came to, told in the log while they run. Hold the lock."""
    with closing(Progress()) as progress:
        result = load_and_build(settings, wanted, progress)
    statuses = {
        s: result.how_many(s) for s in ("loaded", "unchanged", "waiting", "skipped", "failed")
    }
    content = summary(result)
    names = ("build", "sessions", "events", "as_of", "seconds")
    log(
        "load finished",
        event="load_finished",
        level="error" if result.has_failed else "info",
        is_detail=True,
        **statuses,
        **{name: content[name] for name in names},
    )
    return result


def wanted_of(args: argparse.Namespace, settings: Settings) -> Wanted:
    """The given paths, else what is configured and what has landed (or one source of that)."""
    check_format(args.format)
    check_sessions(args.sessions)
    if not args.paths:
        return wanted_by_default(settings, args.source)
    options = {
        "format": args.format,
        "map": parse_map(args.map),
        "sessions": args.sessions,
        "time_zone": args.time_zone and _option("--time-zone", TIME_ZONE, args.time_zone),
        "time_format": args.time_format and _option("--time-format", TIME_FORMAT, args.time_format),
        "exclude_users": tuple((args.exclude_users or "").split(",")),
    }
    given = {name: value for name, value in options.items() if value and value != ("",)}
    return wanted_files(settings, args.paths, args.source, **given)


def _option(name: str, kind: Kind, written: str) -> Any:
    """The value of an option. ConfigError where it does not fit."""
    try:
        return kind.read(written)
    except (ValueError, KeyError, OSError):
        msg = f"{name} has the value '{written}'. Wanted: {kind.wanted}."
        raise ConfigError(msg) from None


def _tell(result: Result) -> None:
    current = result.build
    loaded = [outcome for outcome in result.outcomes if outcome.status == "loaded"]
    waiting, skipped = result.how_many("waiting"), result.how_many("skipped")
    say(
        f"{count(len(loaded), 'file')} loaded, {result.how_many('unchanged')} unchanged, "
        + (f"{waiting} waiting, " if waiting else "")
        + (f"{skipped} skipped, " if skipped else "")
        + f"{result.how_many('failed')} failed; "
        f"{count(sum(o.rows_read for o in loaded), 'row')} read: "
        f"{count(sum(o.rows_loaded for o in loaded))} loaded, "
        f"{count(sum(o.rows_duplicate for o in loaded))} duplicate, "
        f"{count(sum(o.rows_rejected for o in loaded))} rejected."
    )
    if current is None:
        say("No build was made.")
        return
    as_of = current.as_of.isoformat() if current.as_of else "no event"
    say(
        f"Build {current.number} ({current.reason}): {count(current.sessions, 'session')}, "
        f"{count(current.events, 'event')}, as of {as_of} UTC. {result.seconds:.1f} s."
    )
    if any(outcome.rows_rejected for outcome in loaded):
        say("'dwell status' says which rows were rejected and why.")
