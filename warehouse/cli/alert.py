"""dwell alert: judges the newest days, tells what fires, and ends with 1 when something does."""

import argparse
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import warehouse
from etl.config.days import day_of
from etl.config.settings import Settings
from etl.errors import ConfigError
from warehouse import alerts
from warehouse.alerts import words
from warehouse.cli.deliver import tell_problems
from warehouse.cli.output import count, say, say_json
from warehouse.connection import Warehouse
from warehouse.delivery.outbox import deliver

if TYPE_CHECKING:
    import polars as pl

EXAMPLE = "dwell alert --dry-run --days 90"
DEFAULT_DAYS = 90


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What is shown: what is on, what was, or what would have been."""
    command.add_argument(
        "--dry-run",
        action="store_true",
        help="judge past days, and say what would have fired; notes and sends nothing, and ends "
        "with 0",
    )
    command.add_argument("--from", dest="start", metavar="DAY", help="first day of the dry run")
    command.add_argument("--to", dest="end", metavar="DAY", help="last day (default: the newest)")
    command.add_argument(
        "--days", type=int, metavar="N", help=f"so many days up to it (default {DEFAULT_DAYS})"
    )
    command.add_argument(
        "--history", type=int, metavar="N", help="judge nothing: the newest N that were noted"
    )


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Prints what fires, and sends it; 1 when something does, or could not be sent. 0 for a dry run
    and the history."""
    _refuse_mixed(args)
    if args.history is not None:
        _tell_history(alerts.history(settings.home, args.history), as_json=args.json)
        return 0
    if args.dry_run:
        return _dry_run(args, settings)
    found = alerts.check(settings)
    if args.json:
        say_json(as_plain(found))
    else:
        for text in lines(found):
            say(text)
    delivered = deliver(settings)
    tell_problems(delivered)
    return int(found.fires or bool(delivered.problems))


def as_plain(found: alerts.Checked) -> dict[str, Any]:
    """A check as one JSON object."""
    frames = ("on", "held_back", "began", "ended")
    return {
        "fires": found.fires,
        "judged": found.judged,
        "alerts": found.alert_count,
        **{name: getattr(found, name).to_dicts() for name in frames},
        "messages": found.messages,
        "note": found.note or None,
    }


def lines(found: alerts.Checked) -> list[str]:
    """A check as lines for people: faults first."""
    told = [words.spoken(row) for row in found.on.iter_rows(named=True)]
    held: dict[str, int] = {}
    for row in found.held_back.iter_rows(named=True):
        held[row["held_back_by"]] = held.get(row["held_back_by"], 0) + 1
    told += [f"{number} held back because {why}" for why, number in held.items()]
    told += [f"Over: {words.named(row)}" for row in found.ended.iter_rows(named=True)]
    judged = words.short_day(found.judged) if found.judged else "no day"
    of = f"Judged: {judged}, {count(found.alert_count, 'alert')}."
    if found.note:
        of = found.note
    return [*told, of if found.fires else f"Nothing fires. {of}"]


def _dry_run(args: argparse.Namespace, settings: Settings) -> int:
    with warehouse.open(settings.home) as wh:
        first, last = _period(args, wh)
        frame = alerts.replay(wh, settings, first, last)
    if args.json:
        say_json({"from": first, "to": last, "rows": frame.to_dicts()})
        return 0
    for row in frame.iter_rows(named=True):
        why = f" (held back: {row['held_back_by']})" if row["held_back_by"] else ""
        until = f", until {words.short_day(row['until'])}" if row["until"] > row["date"] else ""
        until = ", still on" if row["ended_at"] is None else until
        say(f"{words.spoken({**row, 'until': row['date'], 'began_before': False})}{until}{why}")
    fired = frame["held_back_by"].null_count()
    times = "once" if fired == 1 else f"{fired} times"
    say(f"Would have fired {times} from {first} to {last}.")
    return 0


def _tell_history(frame: "pl.DataFrame", *, as_json: bool) -> None:
    if as_json:
        say_json({"rows": frame.to_dicts()})
        return
    for row in frame.iter_rows(named=True):
        why = f" (held back: {row['held_back_by']})" if row["held_back_by"] else ""
        say(f"{words.spoken(row)}, {'over' if row['ended_at'] else 'on'}{why}")
    if frame.is_empty():
        say("Nothing has fired yet.")


def _period(args: argparse.Namespace, wh: Warehouse) -> tuple[date, date]:
    newest = wh.as_of_date or datetime.now(UTC).date()
    last = day_of(args.end, "--to") if args.end else newest - timedelta(days=1)
    if args.start:
        return day_of(args.start, "--from"), last
    days = DEFAULT_DAYS if args.days is None else args.days
    if days < 1:
        msg = f"--days is {days}. Wanted: 1 or more."
        raise ConfigError(msg)
    return last - timedelta(days=days - 1), last


def _refuse_mixed(args: argparse.Namespace) -> None:
    if args.start and args.days is not None:
        msg = "--from and --days both say when the dry run begins. Leave one of them out."
        raise ConfigError(msg)
    if not args.dry_run and (args.start or args.end or args.days is not None):
        msg = "--from, --to and --days are of a dry run. Add --dry-run, or leave them out."
        raise ConfigError(msg)
    if args.history is not None and (args.dry_run or args.history < 1):
        msg = "--history wants a number of 1 or more, and no --dry-run beside it."
        raise ConfigError(msg)
