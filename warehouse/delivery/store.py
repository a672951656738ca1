"""How the outbox is kept: in one SQLite file of the home, flushed to the disk by each change."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import time
from typing import Any, NamedTuple

from etl.durable import sync_folder
from etl.errors import DeliveryError, DwellError
from warehouse.delivery.back_off import pause_after
from warehouse.delivery.message import Message, as_text, of_text

FOLDER = "outbox"
_FILE = "outbox.sqlite"
_DAY = 86400.0
# So long a message waits, and so long it is known what became of one. Seconds.
KEPT_WAITING = 30 * _DAY
KEPT_KNOWN = 90 * _DAY
# So often a message may be what its receiver stumbles over before others go first.
_MOST_DOUBTS = 5
_BEGUN = "The process ended while it was being sent"
# One change takes milliseconds.
_BUSY_SECONDS = 5.0


class Due(NamedTuple):
    """The message that a receiver gets next. `attempts`: those before. None: it cannot be read."""

    id: str
    attempts: int
    message: Message | None


class Store:
    """The open outbox. One thread uses it."""

    def __init__(self, con: sqlite3.Connection) -> None:
        self._con = con

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """All changes of the block are on disk when it ends, or none."""
        self._con.execute("begin immediate")
        try:
            yield self._con
        except BaseException:
            self._con.execute("rollback")
            raise
        self._con.execute("commit")

    def put(self, messages: Sequence[tuple[Message, Sequence[str]]]) -> int:
        """Keeps messages for their receivers; how many of these were new."""
        now, new = time(), 0
        with self._change() as con:
            for message, receivers in messages:
                for receiver in receivers:
                    put = con.execute(
                        "insert into deliveries (id, receiver, subject, put_at, changed_at) "
                        "values (?, ?, ?, ?, ?) on conflict (id, receiver) do nothing",
                        (message.id, receiver, message.subject, now, now),
                    ).rowcount
                    if put:
                        con.execute(
                            "insert into messages values (?, ?) on conflict (id) do nothing",
                            (message.id, as_text(_stamped(message, now))),
                        )
                    new += put
        return new

    def holding(self, is_meant: Callable[[str], bool]) -> int:
        """How many messages hold a text that is meant, in what can be read of them."""
        return len(self._held(is_meant))

    def remove(self, is_meant: Callable[[str], bool]) -> None:
        """Removes these messages for all receivers, and their bytes from the file."""
        self._con.execute("pragma secure_delete = on")
        with self._change() as con:
            for id in self._held(is_meant):
                con.execute("delete from messages where id = ?", (id,))
                con.execute("delete from deliveries where id = ?", (id,))
        self._con.execute("vacuum")
        self._con.execute("pragma wal_checkpoint(truncate)")

    def _held(self, is_meant: Callable[[str], bool]) -> set[str]:
        rows = self._con.execute("select id, content from messages").fetchall()
        rows += self._con.execute("select id, subject || ' ' || error from deliveries").fetchall()
        return {id for id, text in rows if is_meant(text)}

    def tidy(self) -> dict[str, int]:
        """Gives up what waited for too long, and forgets what is long over; how much was given up,
        by receiver.
        """
        now = time()
        with self._change() as con:
            given_up = con.execute(
                "select receiver, count(*) from deliveries "
                "where state = 'waiting' and put_at < ? group by receiver",
                (now - KEPT_WAITING,),
            ).fetchall()
            con.execute(
                "update deliveries set state = 'given_up', changed_at = ? "
                "where state = 'waiting' and put_at < ?",
                (now, now - KEPT_WAITING),
            )
            con.execute(
                "delete from deliveries where state <> 'waiting' and changed_at < ?",
                (now - KEPT_KNOWN,),
            )
            con.execute(
                "delete from messages where id not in "
                "(select id from deliveries where state <> 'sent')"
            )
        return dict(given_up)

    def revive(self) -> None:
        """What was refused or given up waits once more, as if it had just been put."""
        with self._change() as con:
            con.execute(
                "update deliveries set state = 'waiting', put_at = ?, doubts = 0 "
                "where state in ('refused', 'given_up')",
                (time(),),
            )

    def nobody(self, receiver: str, told: str) -> None:
        """Notes why nothing of a receiver can be sent."""
        with self._change() as con:
            con.execute(
                "update deliveries set error = ? where receiver = ? and state = 'waiting'",
                (told, receiver),
            )

    def receivers(self) -> dict[str, tuple[int, float]]:
        """Whom something waits for: of each how much, and when it is tried next."""
        rows = self._con.execute(_sql("waiting_receivers")).fetchall()
        return {name: (count, next_attempt) for name, count, next_attempt in rows}

    def next_for(self, receiver: str) -> Due | None:
        """The oldest message that waits for a receiver, after those that it stumbles over."""
        row = self._con.execute(
            _sql("next_message"), {"receiver": receiver, "most": _MOST_DOUBTS}
        ).fetchone()
        return row and Due(row[0], row[1], _readable(row[2]))

    def begin(self, receiver: str, id: str) -> None:
        """Notes that the message may have gone out from now on: as a failure, until more is known.
        So a process that is killed by it does not come back to it at once.
        """
        with self._change() as con:
            con.execute(
                "update deliveries set attempts = attempts + 1, error = ?, changed_at = ? "
                "where id = ? and receiver = ?",
                (_BEGUN, time(), id, receiver),
            )
            failures = self._failures(receiver) + 1
            self._note(receiver, failures, time() + pause_after(failures))

    def sent(self, receiver: str, id: str) -> None:
        """Notes that the receiver has it. Its content goes with its last receiver."""
        with self._change() as con:
            self._end(receiver, id, "sent", "")
            self._note(receiver, 0, 0)
            con.execute(
                "delete from messages where id = ? and id not in "
                "(select id from deliveries where state <> 'sent')",
                (id,),
            )

    def failed(self, receiver: str, id: str, error: DeliveryError) -> float:
        """Notes why the receiver does not have it; after how many seconds it is tried next."""
        told = str(error)
        with self._change() as con:
            if error.at_fault == "message":
                self._end(receiver, id, "refused", told)
                self._note(receiver, 0, 0)
                return 0.0
            con.execute(
                "update deliveries set error = ?, doubts = doubts + ? "
                "where id = ? and receiver = ?",
                (told, error.at_fault == "unknown", id, receiver),
            )
            failures = self._failures(receiver)
            pause = pause_after(failures, error.retry_after)
            self._note(receiver, failures, time() + pause)
            return pause

    def unsent(self) -> list[tuple[Any, ...]]:
        """id, receiver, subject, state, put, attempts, error and next attempt (0: none is set) of
        what receivers do not have, by receiver and state, the oldest first.
        """
        return self._con.execute(_sql("unsent")).fetchall()

    def _failures(self, receiver: str) -> int:
        found = self._con.execute(
            "select failures from receivers where name = ?", (receiver,)
        ).fetchone()
        return int(found[0]) if found else 0

    def _note(self, receiver: str, failures: int, next_attempt: float) -> None:
        self._con.execute(
            "insert or replace into receivers values (?, ?, ?)", (receiver, failures, next_attempt)
        )

    def _end(self, receiver: str, id: str, state: str, error: str) -> None:
        self._con.execute(
            "update deliveries set state = ?, error = ?, changed_at = ? "
            "where id = ? and receiver = ?",
            (state, error, time(), id, receiver),
        )


def _readable(content: str) -> Message | None:
    try:
        return of_text(content)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _stamped(message: Message, now: float) -> Message:
    """The message, with when it was put beside its facts: the same at each repeat."""
    put_at = datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds")
    return replace(message, facts={"put_at": put_at, **message.facts})


@contextmanager
def opened(home: Path) -> Iterator[Store | None]:
    """The outbox of a home; None before the first message. DwellError where it is damaged."""
    path = home / FOLDER / _FILE
    if not path.exists():
        yield None
        return
    with _connected(path, "rw") as con:
        yield Store(con) if _version(con, path) else None


@contextmanager
def made(home: Path) -> Iterator[Store]:
    """The outbox of a home, which is made where there is none. DwellError as above."""
    path = home / FOLDER / _FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _failure(path, error.strerror or "") from None
    with _connected(path, "rwc") as con:
        if not _version(con, path):
            schema = _sql("outbox")
            con.executescript(f"begin immediate; {schema}\npragma user_version = 1; commit;")
            sync_folder(path.parent)
            sync_folder(home)
        yield Store(con)


def _version(con: sqlite3.Connection, path: Path) -> int:
    """0 where it was just being made."""
    version = int(con.execute("pragma user_version").fetchone()[0])
    if version > 1:
        msg = f"{path} was written by a newer Dwell. Wanted: one of this version. Upgrade."
        raise DwellError(msg)
    return version


def _sql(name: str) -> str:
    # Not by etl.duck: a thread that is left behind would hold the engine at the end of a process.
    return (Path(__file__).parent / "sql" / f"{name}.sql").read_text(encoding="utf-8")


@contextmanager
def _connected(path: Path, mode: str) -> Iterator[sqlite3.Connection]:
    try:
        place = f"{path.absolute().as_uri()}?mode={mode}"
        con = sqlite3.connect(place, timeout=_BUSY_SECONDS, isolation_level=None, uri=True)
        try:
            # Also the folder is flushed: what is committed outlives a loss of power.
            con.execute("pragma synchronous = extra")
            yield con
        finally:
            con.close()
    except sqlite3.DatabaseError as error:
        raise _failure(path, str(error), error.sqlite_errorname) from None


def _failure(path: Path, told: str, kind: str = "") -> DwellError:
    if kind.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        msg = (
            f"{path} is damaged: {told}. The messages that wait in it cannot be read. Put it back "
            "from a backup, or move it away to begin anew: what is still so is told once more."
        )
    elif kind.startswith("SQLITE_FULL"):
        msg = f"{path} cannot be written: no room is left on the disk. Make room and run again."
    elif kind.startswith("SQLITE_BUSY"):
        msg = f"{path} is held by another program. Wanted: that it lets go. Find it, or wait."
    else:
        msg = (
            f"{path} cannot be used: {told}. Wanted: a file that Dwell may read and write. Mend "
            "the permissions of its folder."
        )
    return DwellError(msg)
