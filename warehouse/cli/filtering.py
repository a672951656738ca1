"""Which sessions a command is about, as arguments of the commands that ask."""

import argparse
from typing import Any

from etl.config.settings import Settings
from warehouse.condition_texts import conditions_of_texts
from warehouse.filters import Filters
from warehouse.segments import read_segments


def add_filtering(command: argparse.ArgumentParser) -> None:
    """Conditions and segments."""
    command.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="CONDITION",
        help="sessions such as device_type=mobile, browser!=Firefox, 'entry_page=/docs/*' or "
        "'duration_seconds>=30'; again for a further value of the same name (any of them), or "
        "for another name (both)",
    )
    command.add_argument(
        "--segment",
        action="append",
        default=[],
        metavar="NAME",
        help="sessions of a segment of dwell.toml, or of one saved on the pages; of several, "
        "those in each of them",
    )


def filters_of(args: argparse.Namespace, settings: Settings, **others: Any) -> Filters:
    """The filters that the arguments ask for. ConfigError for what is not known."""
    segments = read_segments(settings.home, settings).conditions(args.segment)
    return Filters(where=conditions_of_texts(args.where), segments=segments, **others)


def chosen(args: argparse.Namespace) -> str:
    """What is filtered, as it was written and behind a comma: , segment docs, os=iOS."""
    return "".join(
        f", {text}" for text in (*(f"segment {name}" for name in args.segment), *args.where)
    )
