"""The outbox of a home: messages wait in it until each of their receivers has them."""

import fcntl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Literal

from etl.config.settings import Settings
from etl.errors import DwellError
from warehouse.delivery.message import Message
from warehouse.delivery.rounds import Delivered as Delivered
from warehouse.delivery.rounds import Round
from warehouse.delivery.store import FOLDER, made, opened


@dataclass(frozen=True)
class Waiting:
    """A message that a receiver does not have.

    state         waiting: it is sent when its turn comes; refused: the receiver will not have
                  this one; given_up: it waited for 30 days
    since         when it was put, UTC
    error         what was met last, without secrets; empty before the first attempt
    next_attempt  when its receiver is tried again, UTC; None: at the next delivery, or never
    """

    id: str
    receiver: str
    subject: str
    state: Literal["waiting", "refused", "given_up"]
    since: datetime
    attempts: int
    error: str
    next_attempt: datetime | None


def put(home: Path, messages: Sequence[tuple[Message, Sequence[str]]]) -> int:
    """Keeps messages for their receivers; how many were new, counted once for each receiver.

    They are on disk when it returns, all or none. One that is known for a receiver, waiting or
    sent within 90 days, is not kept again. DwellError where the outbox is damaged, or cannot be
    written.
    """
    if not any(receivers for _, receivers in messages):
        return 0
    with made(home) as outbox:
        return outbox.put(messages)


def deliver(settings: Settings, seconds: float = 10.0, *, at_once: bool = False) -> Delivered:
    """Sends what is due, to all receivers at once, for at most so many seconds.

    at_once  also receivers that are being spared after a failure
    No receiver raises an error here; DwellError where the outbox is damaged. One delivery at a
    time works on a home: while another does, it says so at once.
    """
    folder = settings.home / FOLDER
    if not folder.is_dir():
        return Delivered()
    try:
        lock = (folder / ".lock").open("a")
    except OSError as error:
        msg = f"{folder} cannot be written: {error.strerror}. Mend its permissions."
        raise DwellError(msg) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return Delivered(is_busy=True)
    work = Round(settings, seconds, at_once=at_once)

    def run() -> None:
        # Held for as long as anything is still being sent, also after this call has returned.
        with lock:
            work.run()

    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    return work.outcome()


def revive(home: Path) -> None:
    """What receivers refused, or what was given up, waits once more."""
    with opened(home) as outbox:
        if outbox:
            outbox.revive()


def waiting(home: Path) -> list[Waiting]:
    """What receivers do not have, by receiver and state, the oldest first; none without an outbox.

    DwellError where it is damaged.
    """
    with opened(home) as outbox:
        rows = outbox.unsent() if outbox else []
    return [
        Waiting(
            id, receiver, subject, state, _moment(put_at), attempts, error,
            _moment(next_attempt) if state == "waiting" and next_attempt else None,
        )
        for id, receiver, subject, state, put_at, attempts, error, next_attempt in rows
    ]  # fmt: skip


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
