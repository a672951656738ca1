"""dwell deliver: what waits for receivers goes out now; or one of them is tried."""

import argparse
from datetime import UTC, datetime
from secrets import token_hex

from etl.config.settings import Settings
from etl.errors import Busy, DeliveryError, refuse_unknown
from warehouse.cli.output import count, fail, log, say, say_json
from warehouse.delivery.message import Message
from warehouse.delivery.outbox import Delivered, deliver, revive
from warehouse.delivery.sending import send

EXAMPLE = "dwell deliver --test ops"
_SECONDS = 60.0
# Somebody waits for it.
_TEST_SECONDS = 10.0


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Which of them."""
    what = command.add_mutually_exclusive_group()
    what.add_argument("--test", metavar="NAME", help="send this receiver a message to see it work")
    what.add_argument(
        "--again", action="store_true", help="also what receivers refused, or what was given up"
    )


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Sends what waits, also to receivers that failed a moment ago; 1 when something was not."""
    if args.test is not None:
        return _try(settings, args.test, as_json=args.json)
    if args.again:
        revive(settings.home)
    came = deliver(settings, _SECONDS, at_once=True)
    if came.is_busy:
        msg = "Another process is delivering. Nothing was done: what it leaves waits."
        raise Busy(msg)
    tell_problems(came)
    if args.json:
        say_json({"sent": came.sent, "problems": came.problems, "waiting": came.waiting})
    elif came.sent or came.waiting or came.problems:
        say(f"{count(sum(came.sent.values()), 'message')} sent, {count(came.waiting)} waiting.")
    else:
        say("Nothing waits.")
    return 1 if came.problems or came.waiting else 0


def tell_problems(came: Delivered) -> None:
    """A line of the log for each receiver that something was not sent to."""
    for receiver, problem in came.problems.items():
        log(
            f"{receiver}: {problem}",
            event="delivery_failed", level="error", receiver=receiver,
        )  # fmt: skip


def _try(settings: Settings, name: str, *, as_json: bool) -> int:
    """Sends a message that says what it is, without the outbox."""
    by_name = {receiver.name: receiver for receiver in settings.receivers}
    refuse_unknown("receiver", name, by_name)
    log(f"Trying {name}, for {_TEST_SECONDS:g} s at most…")
    now = datetime.now(UTC)
    message = Message(
        f"test-{now:%Y%m%d-%H%M%S}-{token_hex(3)}",
        f"Dwell reaches {name}",
        f"This is a test of [receivers.{name}], sent at {now:%Y-%m-%d %H:%M} UTC. "
        "Nothing has happened.",
        {"is_test": True},
    )
    try:
        send(settings, by_name[name], message, _TEST_SECONDS)
    except DeliveryError as error:
        return fail(f"{name} has no message: {error}", 1, as_json=as_json)
    if as_json:
        say_json({"sent": {name: 1}, "id": message.id})
    else:
        say(f"{name} has the message {message.id}. See whether it can be read there.")
    return 0
