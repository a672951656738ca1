"""dwell forget: people go out of the home whole, and no later load brings them back."""

import argparse
from pathlib import Path
from typing import Any

from etl.config.settings import Settings
from etl.errors import ConfigError
from etl.lake import locked
from warehouse.cli.output import count, log, say, say_json
from warehouse.forget.finish import Finished
from warehouse.forget.run import Forgotten, forget
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
    return 0 if is_whole and not done.unknown else 1


def _ids(args: argparse.Namespace) -> list[str]:
    ids = [*args.user]
    if args.file is not None:
        try:
            text = Path(args.file).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is no UTF-8 text"
            msg = f"{args.file} cannot be read: {why}. Wanted: a text file, one user id a line."
            raise ConfigError(msg) from error
        ids += text.splitlines()
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
        "still_in": dict(finished.searched.holding) if finished else {},
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
    for place, number in done.saved.items():
        say(f"{count(number, 'place')} in {place} {goes}.")


def _tell_finished(finished: Finished) -> None:
    if finished.build is not None:
        files = count(len(finished.builds), "file")
        say(f"Build {finished.build} is without them; {files} of older builds went.")
    for path in finished.spool.waiting:
        say(
            f"{path} is being written by the collector and has lines of theirs: run again once it "
            "is finished."
        )
    searched = finished.searched
    files = count(searched.files, "file")
    if not searched.files:
        say("What was begun is ended. Nobody was named, so nobody was searched for.")
    elif searched.holding:
        say(f"{files} of the home were searched. The ids still stand in what is of others:")
        for place, rows in searched.holding.items():
            say(f"  {place}" + (f" ({count(rows, 'row')})" if rows else ""))
    else:
        say(f"{files} of the home were searched: the ids stand nowhere.")
    for path in finished.receipts:
        say(f"Receipt: {path}")
