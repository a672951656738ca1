"""dwell load: files or configured sources into the lake, then a build."""

import argparse
from contextlib import closing
from dataclasses import replace

from etl.config.settings import Settings
from etl.lake import locked
from warehouse.cli import inspect
from warehouse.cli.following import follow
from warehouse.cli.forget import end_begun
from warehouse.cli.output import as_of, count, fail, log, say, say_json
from warehouse.cli.progress import Progress
from warehouse.cli.reading import add_reading, wanted_of
from warehouse.refresh import Result, Wanted, load_and_build, summary
from warehouse.written import duration

EXAMPLE = "dwell load visits.csv --source shop --map \"user=uid,time=ts,type='visit'\""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Paths, how to read them, and what to do with them."""
    add_reading(command)
    command.add_argument(
        "--again",
        action="store_true",
        help="read files again that an older Dwell has read: what it took for other ids or times "
        "is put right (`dwell status` names the sources)",
    )
    command.add_argument(
        "--dry-run",
        action="store_true",
        help="write nothing, and say what would be loaded, as `dwell inspect` does",
    )


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Loads, builds, and does what follows; 1 when a file failed, no row of one could be an event,
    nothing was found to build of, or a check refused the build."""
    if args.dry_run:
        return inspect.run(args, settings)
    wanted = replace(wanted_of(args, settings), again=args.again)
    with locked(settings.home):
        result = load_with_progress(settings, wanted)
    if args.json:
        say_json(summary(result) | follow(settings))
    else:
        _tell(result)
        follow(settings)
    if result.problem:
        fail(result.problem, 1, as_json=False)
    return int(result.has_failed)


def load_with_progress(settings: Settings, wanted: Wanted) -> Result:
    """What a load and its build came to, told in the log while they run. Hold the lock."""
    with closing(Progress()) as progress:
        result = load_and_build(settings, wanted, progress)
        end_begun(settings, progress.on_step)
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
    say(
        f"Build {current.number} ({current.reason}): {count(current.sessions, 'session')}, "
        f"{count(current.events, 'event')}, {as_of(current.as_of)}. "
        f"{duration(result.seconds)}."
    )
    if any(outcome.rows_rejected for outcome in loaded):
        say("'dwell status' says which rows were rejected and why.")
