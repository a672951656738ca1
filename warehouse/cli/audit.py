"""dwell audit: what the dashboard noted of its visits. Never writes."""

import argparse
import json

from etl.config.settings import Settings
from warehouse.audit import Audit
from warehouse.cli.output import say, say_json

EXAMPLE = "dwell audit --of ann@example.com"
_OF = ("of_user", "of_session", "of_chat")


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Whose visits, and of whom."""
    command.add_argument("--who", metavar="NAME", help="visits of who logs in by this name")
    command.add_argument("--of", metavar="ID", help="pages of this user, session or chat")
    command.add_argument("--last", type=int, metavar="N", help="the newest N lines alone")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Prints the lines, oldest first, each as one JSON object; nothing where none fits."""
    audit = Audit(settings.home)
    lines = list(audit.lines())
    if args.who is not None:
        who = audit.known_alias(args.who)
        lines = [line for line in lines if who and line.get("who") == who]
    if args.of is not None:
        of = audit.known_alias(args.of)
        lines = [line for line in lines if of and of in {line.get(key) for key in _OF}]
    if args.last is not None:
        lines = lines[-args.last :] if args.last > 0 else []
    if args.json:
        say_json({"lines": lines})
        return 0
    for line in lines:
        say(json.dumps(line, ensure_ascii=False))
    return 0
