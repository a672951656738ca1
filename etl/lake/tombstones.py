"""Who was erased, so that they do not come back: keyed hashes of ids, never an id.

An id is one of few, so a plain hash of it is found by trying them all. The key lies in the home,
for whose owner it is no secret; the hash keeps ids out of copies of the log and of receipts. Where
ids are pseudonyms, what is hashed is the pseudonym, whose key is not in the home.
"""

import hmac
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from etl.durable import write_json
from etl.errors import SourceError
from etl.lake.records import Erased
from etl.lake.spellings import spelt, words_of
from etl.lake.state import LakeState

FOLDER = "erased"
KEY_FILE = "key.json"
_DIGITS = 32
# Words come again and again: so many are held, which takes some 30 MB.
_MOST_HELD = 200_000


@dataclass(frozen=True)
class Visit:
    """An anonymous id of a source while it was a user's: naive UTC, the end not included; None
    without a bound.
    """

    source: str
    anonymous_id: str
    start: datetime | None
    end: datetime | None


class Tombstones:
    """Tells of ids whether they are of somebody who was erased. False where nobody was."""

    def __init__(self, key: bytes, erased: Sequence[Erased] = ()) -> None:
        self._key = key
        self._users = frozenset(user for one in erased for user in one.users)
        self._visits: dict[str, list[tuple[datetime | None, datetime | None]]] = {}
        for one in erased:
            for hashed, start, end in one.visits:
                self._visits.setdefault(hashed, []).append((_time(start), _time(end)))
        self._met: dict[tuple[str, str], bool] = {}

    def __bool__(self) -> bool:
        return bool(self._users or self._visits)

    def of(self, receipt: str, users: Iterable[str], visits: Iterable[Visit]) -> Erased:
        """What the log keeps of people who are erased."""
        told = {
            (self._visitor(visit.source, visit.anonymous_id), _iso(visit.start), _iso(visit.end))
            for visit in visits
        }
        return Erased(
            receipt=receipt,
            # A number that the lake has with a fraction comes without it elsewhere.
            users=tuple(
                sorted({self._user(form) for user in users for form in (user, spelt(user))})
            ),
            visits=tuple(sorted(told, key=str)),
        )

    def is_user(self, user_id: str) -> bool:
        """Whether a user of that id was erased."""
        return bool(self._users) and self._user(user_id) in self._users

    def spans(self, source: str, user_id: str) -> list[tuple[datetime | None, datetime | None]]:
        """From when until when rows of a source with that user id are of somebody who was erased;
        none where they are not.
        """
        if self.is_user(user_id):
            return [(None, None)]
        return self._visits.get(self._visitor(source, user_id), []) if self._visits else []

    def covers(self, source: str, user_id: str, time: datetime | None) -> bool:
        """Whether a row is of somebody who was erased. One without a time is, if any of them is."""
        spans = self.spans(source, user_id)
        return any(time is None or is_within(time, span) for span in spans)

    def named_in(self, source: str, text: str) -> list[str]:
        """The ids of people who were erased that stand in a text, such as a row that could not be
        read; an anonymous one whenever it was theirs.
        """
        return [word for word in words_of(text) if self._is_met(source, word)]

    def place_of(self, path: str) -> str:
        """What stands for the path of a file that is called after somebody who was erased."""
        return self._hashed("path", path)

    def _is_met(self, source: str, word: str) -> bool:
        met = self._met.get((source, word))
        if met is None:
            if len(self._met) >= _MOST_HELD:
                self._met.clear()
            met = self._met[source, word] = bool(self.spans(source, word))
        return met

    def _user(self, user_id: str) -> str:
        return self._hashed("user", user_id)

    def _visitor(self, source: str, anonymous_id: str) -> str:
        return self._hashed("visitor", source, anonymous_id)

    def _hashed(self, *words: str) -> str:
        told = "\x1f".join(words).encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, told, "sha256").hex()[:_DIGITS]


def tombstones_of(state: LakeState) -> Tombstones:
    """Those of a lake. SourceError where somebody was erased and the key is lost."""
    if not state.erased:
        return Tombstones(b"")
    return Tombstones(key_of(state.root), state.erased)


def key_of(root: Path, *, is_new: bool = False) -> bytes:
    """The key of a lake's tombstones; made, with mode 600, where there is none and it may be.

    SourceError where it cannot be read.
    """
    path = root / FOLDER / KEY_FILE
    if is_new and not path.exists():
        write_json(path, {"key": secrets.token_hex(32)})
        path.chmod(0o600)
    try:
        return bytes.fromhex(json.loads(path.read_text(encoding="utf-8"))["key"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        why = "it is missing" if isinstance(error, FileNotFoundError) else str(error)
        msg = (
            f"{path} cannot be read: {why}. Without it nobody can tell who was erased, and a load "
            "could bring them back. Restore it from a backup."
        )
        raise SourceError(msg) from error


def is_within(time: datetime, span: tuple[datetime | None, datetime | None]) -> bool:
    """Whether a time is in a span, whose end is not in it."""
    start, end = span
    return (start is None or time >= start) and (end is None or time < end)


def _iso(time: datetime | None) -> str | None:
    return time.isoformat() if time else None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
