"""dwell check: reads every file of the home, and says what is damaged."""

import argparse
from dataclasses import asdict

from etl.config.settings import Settings
from etl.lake import Lake, locked
from etl.load.missing_notes import missing_notes
from warehouse.build.own_properties import untold_properties
from warehouse.cli.output import count, say, say_json
from warehouse.verify import verify_home

EXAMPLE = "dwell check --json"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """None of its own."""


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Prints what is damaged and what to do; 1 when anything is. Changes nothing."""
    with locked(settings.home):
        found = verify_home(settings)
        notes = missing_notes(Lake(settings.home))
        notes += [] if found.faults else untold_properties(settings)
    if args.json:
        say_json(asdict(found) | {"notes": notes})
        return int(bool(found.faults))
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
    for note in notes:
        say(f"\n{note}")
    return int(bool(found.faults))
