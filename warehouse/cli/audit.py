"""dwell audit: what the dashboard noted of its visits. Never writes."""

import argparse
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import warehouse
from etl.config.login_names import GROUP
from etl.config.settings import Settings
from warehouse.audit import OF_LOGIN, OF_TOKEN, Audit, login_text
from warehouse.cli.output import say, say_json

EXAMPLE = "dwell audit --of ann@example.com"
_THINGS = Path(__file__).parents[1] / "sql" / "things_of_user.sql"
# Days that no notes are older than: dates end somewhere.
_ALL = 36_500
_OF = ("of_user", "of_session", "of_chat")


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Whose visits, and of whom."""
    command.add_argument("--who", metavar="NAME", help="visits of who logs in by this name")
    command.add_argument("--of", metavar="ID", help="pages of this user, session or chat")
    command.add_argument("--days", type=int, metavar="N", help="the last N days, to now")
    command.add_argument("--last", type=int, metavar="N", help="the newest N lines alone")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Prints the lines, oldest first, each as one JSON object; nothing where none fits.

    Who is named in [serve.roles] has the name beside the pseudonym; pages of a user's sessions and
    chats are pages of that user, as far as the current build holds them.
    """
    audit = Audit(settings.home)
    lines = list(audit.lines())
    if args.who is not None:
        who = audit.known_alias_of_who(args.who)
        lines = [line for line in lines if who and line.get("who") == who]
    if args.of is not None:
        of = {audit.known_alias(each) for each in (args.of, *_things_of(settings, args.of))}
        of.discard(None)
        lines = [line for line in lines if of & {line.get(key) for key in _OF}]
    if args.days is not None:
        since = f"{datetime.now(UTC) - timedelta(days=min(args.days, _ALL)):%Y-%m-%dT%H:%M:%S.%f}"
        lines = [line for line in lines if line.get("time", "") >= since]
    if args.last is not None:
        lines = lines[-args.last :] if args.last > 0 else []
    listed = {name for _, of in settings.serve.roles for name in of if not name.startswith(GROUP)}
    names = {f"{OF_LOGIN}{name}": login_text(name) for name in listed}
    tokens = (f"{OF_TOKEN}{token.name}" for token in settings.tokens)
    names |= {name: name for name in tokens}
    named = {audit.known_alias_of_who(who): name for who, name in names.items() if lines}
    named.pop(None, None)
    lines = [
        line | {"name": named[line["who"]]} if line.get("who") in named else line for line in lines
    ]
    if args.json:
        say_json({"lines": lines})
        return 0
    for line in lines:
        say(json.dumps(line, ensure_ascii=False))
    return 0


def _things_of(settings: Settings, user: str) -> list[str]:
    """The sessions and chats of a user; none where there is no build that tells."""
    with suppress(warehouse.NoBuild), warehouse.open(settings.home) as wh:
        return [thing for (thing,) in wh.sql(_THINGS.read_text("utf-8"), {"user": user}).fetchall()]
    return []
