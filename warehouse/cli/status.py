"""dwell status: build, freshness, and what became of every row."""

import argparse
from dataclasses import asdict
from itertools import groupby

from etl.config.settings import Settings
from etl.duck import was_stopped
from etl.errors import DwellError, in_brief
from warehouse.alerts import Checked, check
from warehouse.cli import alert
from warehouse.cli.output import as_of, count, moment, rows, say, say_json, trace
from warehouse.delivery.outbox import Waiting
from warehouse.exports.state import Standing, standings
from warehouse.health import Collected, HomeState, SourceTotals, state
from warehouse.written import duration

EXAMPLE = "dwell status --json"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """How many of the last loads."""
    command.add_argument("--last", type=int, default=10, metavar="N", help="last loads shown")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Prints the state; 0 also before the first build."""
    home = state(settings, args.last)
    exports, exports_problem = _exports(settings)
    alerts, alerts_problem = _alerts(settings, home)
    home.problems.extend(filter(None, [exports_problem]))
    if args.json:
        told = {
            "alerts": alert.as_plain(alerts) if alerts else None,
            "alerts_problem": alerts_problem or None,
            "exports": [asdict(each) for each in exports],
        }
        say_json(asdict(home) | told)
        return 0
    _tell(home)
    _tell_part("Alerts", alert.lines(alerts) if alerts else [alerts_problem])
    _tell_part("Exports", [_standing(export) for export in exports])
    return 0


def _tell_part(title: str, lines: list[str]) -> None:
    """A part of its own; nothing where there is nothing to say."""
    told = list(filter(None, lines))
    if told:
        say(f"\n{title}")
    for line in told:
        say(f"  {line}")


def _exports(settings: Settings) -> tuple[list[Standing], str | None]:
    """How the exports of dwell.toml stand, or why that is not known."""
    try:
        return standings(settings), None
    except DwellError as error:
        return [], str(error)


def _standing(export: Standing) -> str:
    """One export on a line: its last file, when it is due again, and its last failure."""
    told = "not written yet"
    if export.last_success:
        told = f"{count(export.rows, 'row')} on {moment(export.last_success)} UTC, {export.path}"
    due = "due" if export.next_due is None else f"due again on {moment(export.next_due)} UTC"
    failed = ""
    if export.failed_at:
        reason = " ".join(str(export.message).split())
        failed = f"; failed on {moment(export.failed_at)} UTC: {reason}"
    return f"{export.name}: {told}; {due}{failed}"


def _alerts(settings: Settings, home: HomeState) -> tuple[Checked | None, str]:
    """What fires, noted nowhere; None before the first build, and why where it cannot be told."""
    if home.build is None:
        return None, ""
    try:
        return check(settings, notify=False), ""
    except DwellError as error:
        return None, str(error)
    # Who asks how a home is wants the rest, whatever is wrong with it.
    except Exception as error:
        if was_stopped(error):
            raise
        trace(error)
        return None, f"Alerts could not be judged: {type(error).__name__}: {in_brief(error)}."


def _tell(home: HomeState) -> None:
    if home.build is None or home.built_at is None:
        say(f"No build in {home.home}." + ("" if home.problems else " Run 'dwell load' first."))
    else:
        age = home.data_age_seconds
        say(f"Build {home.build} of {moment(home.built_at)} UTC, {home.path}")
        say(
            f"{count(home.sessions, 'session')}, {count(home.events, 'event')}, "
            f"{as_of(home.as_of)}" + ("" if age is None else f", {duration(max(age, 0.0))} old")
        )
    if home.batches_not_in_build:
        say(f"{count(home.batches_not_in_build)} loaded files are not in it: run 'dwell build'.")
    for waiting in home.collected:
        say(_not_loaded(waiting))
    for _, messages in groupby(home.outbox, lambda each: (each.receiver, each.state)):
        say(_not_sent(list(messages)))
    for erasure in home.unfinished:
        say(f"Not ended: {erasure}")
    for problem in home.problems:
        say(f"Damaged: {problem}")
    if home.sources:
        say()
        header = ["source", "files", "read", "loaded", "duplicate", "rejected"]
        rows([_cells(totals) for totals in home.sources], [*header, "first event", "last event"])
    for totals in home.sources:
        if totals.older_files:
            files = count(totals.older_files, "file")
            say(
                f"{totals.source}: {files} were read by an older Dwell, by its rules for ids and "
                f"times. 'dwell load --again --source {totals.source}' with these files reads them "
                "by today's."
            )
    for kept in home.kept:
        say(f"{kept.source}: kept are {kept.sentence}.")
    if home.rejected:
        say("\nRejected rows")
        for kind in home.rejected:
            example = str(kind.example or "(text not kept)").replace("\n", " ")[:100]
            say(
                f"  {count(kind.row_count)} × {kind.reason} in {kind.file}, first at line "
                f"{kind.first_line}: {example}"
            )
    if home.schema_changes:
        say("\nFields that changed")
        for file in home.schema_changes:
            changes = " ".join(file.schema_changes)
            say(f"  {moment(file.loaded_at)} {file.source}, {file.file}: {changes}")
    if home.warnings:
        say("\nFiles that look wrong")
        for doubted in home.warnings:
            for warning in doubted.warnings:
                say(f"  {moment(doubted.loaded_at)} {doubted.source}, {doubted.file}: {warning}")
    if home.failed_files:
        say("\nFiles that failed, or hold no event")
        for failure in home.failed_files:
            say(f"  {moment(str(failure.get('failed_at') or ''))} {failure['message']}")


def _size(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 100_000 else f"{size:,} bytes"


def _not_loaded(waiting: Collected) -> str:
    """What the collector has accepted for a source and no load has taken."""
    parts = []
    if waiting.waiting_files:
        parts.append(
            f"{count(waiting.waiting_files, 'file')} of {_size(waiting.waiting_bytes)}, "
            "which the next load takes"
        )
    if waiting.open_files:
        parts.append(f"{count(waiting.open_files, 'file')} that may still be written")
    return (
        f"{waiting.source}: collected since {moment(waiting.since)} UTC and not loaded: "
        f"{', and '.join(parts)}"
    )


def _not_sent(messages: list[Waiting]) -> str:
    """Messages of one receiver and one state, with what was met last."""
    last, word = messages[-1], count(len(messages), "message")
    ways = {
        "waiting": f"{word} waiting since {moment(messages[0].since)} UTC",
        "refused": f"{word} refused, the last {last.id}",
        "given_up": f"{word} given up after 30 days, the last {last.id}",
    }
    told = next((each.error for each in messages if each.error), "")
    after = last.next_attempt
    return f"{last.receiver}: {ways[last.state]}" + "".join(
        [
            f": {told.rstrip('.')}" if told else "",
            f". Next attempt after {moment(after)} UTC" if after else "",
        ]
    )


def _cells(totals: SourceTotals) -> list[str]:
    return [
        totals.source,
        count(totals.files),
        count(totals.rows_read),
        count(totals.rows_loaded),
        count(totals.rows_duplicate),
        count(totals.rows_rejected),
        moment(totals.first_event_time),
        moment(totals.last_event_time),
    ]
