"""dwell export-user: what the home holds of one person, for them. Changes nothing."""

import argparse
import json
import os
from pathlib import Path

from etl.config.settings import Settings
from etl.errors import ConfigError
from etl.home_files import refuse_own_file
from warehouse.cli.output import count, fail, say
from warehouse.forget.person import Held, held_of

EXAMPLE = "dwell export-user ann@example.com --out ann.json"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Whose, and whereto."""
    command.add_argument("user", metavar="USER", help="a user id, plain or a pseudonym")
    command.add_argument("--out", metavar="FILE", help="a new file, mode 600 (default: stdout)")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Writes one JSON object; 1 when the home has nothing of them."""
    held = held_of(settings, args.user)
    if held.is_empty:
        text = (
            f"Nothing is known of '{args.user}'. Give the id as the data has it, or its pseudonym."
        )
        return fail(text, 1, as_json=args.json)
    content = json.dumps(vars(held), ensure_ascii=False, indent=1, default=str)
    if args.out is None:
        say(content)
        return 0
    _write(Path(args.out), content, settings)
    say(f"{_told(held)}: {args.out}")
    return 0


def _write(path: Path, content: str, settings: Settings) -> None:
    """Writes a file that nobody else may read, and that was not there."""
    refuse_own_file(path, settings.home, None)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        msg = f"{path} is there already, and may be read by others. Give another name."
        raise ConfigError(msg) from None
    except OSError as error:
        msg = f"{path} cannot be written: {error.strerror}. Give another --out."
        raise ConfigError(msg) from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content + "\n")


def _told(held: Held) -> str:
    return (
        f"{count(len(held.events), 'event')}, {count(len(held.sessions), 'session')}, "
        f"{count(len(held.rejected), 'rejected row')}"
    )
