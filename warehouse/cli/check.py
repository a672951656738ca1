"""dwell check: reads every file of the home, and says what is damaged, or what looks personal."""

import argparse
from dataclasses import asdict

from etl.config.settings import Settings
from etl.lake import Lake, locked
from etl.lake.receipts import unended
from etl.load.missing_notes import missing_notes
from etl.privacy.scan import scan
from warehouse.build.own_properties import untold_properties
from warehouse.cli.output import count, rows, say, say_json
from warehouse.verify import verify_home

EXAMPLE = "dwell check --json"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Whether to look for personal data instead."""
    command.add_argument(
        "--personal",
        action="store_true",
        help="look for personal data in events and rejected rows, and say what would cut it",
    )


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Prints what is damaged and what to do; 1 when anything is, or people are not forgotten to the
    end. Changes nothing.
    """
    if args.personal:
        return _look_for_personal(args, settings)
    with locked(settings.home):
        found = verify_home(settings)
        notes = missing_notes(Lake(settings.home))
        notes += [] if found.faults else untold_properties(settings)
    if args.json:
        say_json(asdict(found) | {"notes": notes})
        return int(bool(found.faults or found.unfinished))
    read = (
        f"{count(found.lake_files, 'file')} of the lake, {count(found.records, 'record')} of its "
        f"log, {count(found.builds, 'build')} and {count(found.parts, 'part')} of builds were read"
    )
    if not found.faults:
        say(f"All is whole: {read}.")
    else:
        say(f"{count(len(found.faults), 'file')} damaged; {read}.")
    for fault in found.faults:
        say(f"\n{fault.path} {fault.problem}.\n  {fault.remedy}")
    for receipt in found.unfinished:
        say(f"\nNot ended: {unended(receipt)}")
    for note in notes:
        say(f"\n{note}")
    return int(bool(found.faults or found.unfinished))


def _look_for_personal(args: argparse.Namespace, settings: Settings) -> int:
    """Prints what looks personal and what would cut it; 1 when anything does."""
    with locked(settings.home):
        found = scan(Lake(settings.home).state())
    if args.json:
        say_json({"personal": [asdict(one) for one in found]})
        return int(bool(found))
    if not found:
        say(
            "Nothing in events and rejected rows looks like one of the twelve kinds that are known."
        )
        return 0
    table = [
        [one.source, one.table, one.column, one.kind, count(one.values), one.example, one.rule]
        for one in found
    ]
    rows(table, ["source", "table", "column", "kind", "rows", "such as", "cut by"])
    say(
        "\nTo cut it, write the rules into [sources.NAME.redact] of dwell.toml and load the files "
        "again: what is read by other rules replaces what it was (docs/privacy.md)."
    )
    return 1
