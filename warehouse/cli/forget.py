"""dwell forget: people go out of the home whole, and no later load brings them back."""

import argparse
from pathlib import Path
from typing import Any

from etl.config.settings import Settings
from etl.errors import ConfigError, DwellError
from etl.lake import locked
from warehouse.build.runner import OnStep
from warehouse.cli.output import count, log, say, say_json
from warehouse.forget.finish import Finished, end_pending
from warehouse.forget.id_file import ids_in
from warehouse.forget.run import Forgotten, forget
from warehouse.forget.search import Searched
from warehouse.written import duration

EXAMPLE = "dwell forget ann@example.com --dry-run"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Whom."""
    command.add_argument("user", nargs="*", metavar="USER", help="user ids, plain or pseudonyms")
    command.add_argument("--file", metavar="FILE", help="a file with one user id a line")
    command.add_argument("--dry-run", action="store_true", help="only say what would go")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Forgets them, and ends what was begun; 1 when the home has nothing of one of them, or
    something waits. ConfigError where nobody is named and nothing was begun.
    """
    ids = _ids(args)

    def on_step(step: str, rows: int | None, seconds: float) -> None:
        if seconds >= 1:
            log(f"  {step}: {count(rows)} rows, {duration(seconds)}")

    if not settings.home.is_dir():
        msg = f"There is no home {settings.home}. Wanted: the folder of lake and builds (--home)."
        raise ConfigError(msg)
    with locked(settings.home):
        done = forget(settings, ids, dry_run=args.dry_run, on_step=on_step)
    if not ids and not done.finished:
        msg = "Nobody is named. Give user ids, or --file with one on each line."
        raise ConfigError(msg)
    if args.json:
        say_json(_as_json(done, dry_run=args.dry_run))
    else:
        _tell(done, dry_run=args.dry_run)
    is_whole = done.finished is None or done.finished.is_whole
    return 0 if is_whole and not done.unknown and not done.searched.own else 1


def end_begun(settings: Settings, on_step: OnStep) -> None:
    """Ends what an erasure left to be done, once there is a build without the people; in the log is
    told what became of it. Hold the lock.
    """
    try:
        finished = end_pending(settings, on_step)
    except DwellError as error:
        text = f"People are not forgotten to the end: {error} The next load or build tries again."
        log(f"warning: {text}", event="warning", level="warning")
        return
    if finished and finished.is_whole:
        for path in finished.receipts:
            log(f"What was to be forgotten is gone: {path}", event="forgotten")
    for path in finished.spool.waiting if finished else ():
        log(f"warning: {_waits(path)}", event="warning", level="warning")


def _waits(path: Path) -> str:
    return (
        f"{path} is being written by the collector and has lines of people who are to be "
        "forgotten: the next load or build removes them once it is finished."
    )


def _ids(args: argparse.Namespace) -> list[str]:
    ids = [*args.user]
    if args.file is not None:
        listed, header = ids_in(Path(args.file))
        ids += listed
        if header is not None:
            log(
                f"warning: the first line of {args.file}, '{header}', is the name of a column, and "
                "was left out. Somebody who is called so is given on the command line.",
                event="warning",
                level="warning",
            )
    return list(dict.fromkeys(one.strip() for one in ids if one.strip()))


def _as_json(done: Forgotten, *, dry_run: bool) -> dict[str, Any]:
    finished = done.finished
    return {
        "users": len(done.people.users),
        "anonymous_ids": len(done.people.visits),
        "unknown": list(done.unknown),
        "forgotten_before": list(done.before),
        "events": dict(done.found.events),
        "rejected": done.found.rejected,
        "mentions": done.found.mentions,
        "kept_users": len(done.found.kept),
        "collected_lines": done.lines,
        "landed_files": [str(path) for path in done.landed],
        "saved": dict(done.saved),
        "left_alone": [str(path) for path in done.left_alone],
        "dry_run": dry_run,
        "build": finished.build if finished else None,
        "builds_removed": list(finished.builds) if finished else [],
        "receipts": [str(path) for path in finished.receipts] if finished else [],
        "waiting": [str(path) for path in finished.spool.waiting] if finished else [],
        "searched_files": done.searched.files,
        "still_in": dict(done.searched.own),
        "still_in_others": dict(done.searched.others),
    }


def _tell(done: Forgotten, *, dry_run: bool) -> None:
    for one in done.unknown:
        say(f"Nothing is known of '{one}'. Give the id as the data has it, or its pseudonym.")
    for one in done.before:
        say(f"'{one}' was forgotten before: nothing was left of them.")
    if done.people.users:
        _tell_found(done, "would go" if dry_run else "went")
    if done.left_alone:
        say("Not changed, as they are not Dwell's; they may hold the same rows:")
        for path in done.left_alone:
            say(f"  {path}")
    if done.finished:
        _tell_finished(done.finished)
    elif not dry_run:
        say("Nothing was changed.")
    elif done.people.users:
        say(f"A new build would be made, and {count(done.builds, 'older build')} would go.")
    if done.finished or done.searched.files:
        _tell_searched(done.searched)
    for path in done.finished.receipts if done.finished else ():
        say(f"Receipt: {path}")


def _tell_searched(searched: Searched) -> None:
    files = count(searched.files, "file")
    if not searched.files:
        say("What was begun is ended. Nobody was named, so nobody was searched for.")
    elif not (searched.own or searched.others):
        say(f"{files} of the home were searched: the ids stand nowhere.")
    for places, what in (
        (searched.own, "The ids still stand here, and should not. Run again, then tell us:"),
        (searched.others, "The ids still stand in what is of others:"),
    ):
        if places:
            say(f"{files} of the home were searched. {what}")
        for place, rows in places.items():
            say(f"  {place}" + (f" ({count(rows, 'row')})" if rows else ""))


def _tell_found(done: Forgotten, goes: str) -> None:
    events = count(sum(done.found.events.values()), "event")
    sources = ", ".join(done.found.events) or "no source"
    visits = count(len(done.people.visits), "anonymous id")
    say(f"{events} of {sources} {goes}, {visits} with the users.")
    for number, what in (
        (done.found.rejected, "rejected row"),
        (len(done.found.kept), "user of pruned day"),
        (done.lines, "collected line"),
        (len(done.landed), "landed file"),
    ):
        if number:
            say(f"{count(number, what)} {goes}.")
    if done.found.mentions:
        rows = count(done.found.mentions, "rejected row")
        stands = "stands" if goes == "went" else "would stand"
        say(f"{rows} of others named them: [forgotten] {stands} there.")
    for place, number in done.saved.items():
        say(f"{count(number, 'place')} in {place} {goes}.")


def _tell_finished(finished: Finished) -> None:
    if finished.build is not None:
        files = count(len(finished.builds), "file")
        say(f"Build {finished.build} is without them; {files} of older builds went.")
    for path in finished.spool.waiting:
        say(_waits(path))
