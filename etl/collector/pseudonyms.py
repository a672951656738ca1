"""What visitors are called who give no id: hashes of address and user agent. Keeps no address.

The hash has a secret salt, without which an address could be found by trying them all. A daily salt
is gone after its day: then nobody can tell whether two days had the same visitor.
"""

import asyncio
import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from etl.durable import write_json

FILE = "collector_salt.json"
_ALWAYS = "always"
# Seconds after which a salt is looked at again, whether its day has gone.
_LOOKS_AFTER = 60.0


class Pseudonyms:
    """The pseudonyms of a home, by a salt that is "daily" or "fixed". A restart changes none, and
    several collectors of one home have the same.
    """

    def __init__(self, home: Path, salt: str) -> None:
        self._path = home / FILE
        self._is_daily = salt == "daily"
        self._day = ""
        self._salt = ""

    def of(self, address: str, user_agent: str | None, now: float) -> str:
        """The pseudonym: 32 hexadecimal digits. `now`: seconds since 1970."""
        day = self._day_of(now)
        if not _is_for(self._day, day):
            self._day, self._salt = self._kept(day) or self._made(day)
        said = "\x1f".join((self._salt, address, user_agent or ""))
        return sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]

    def forget(self, now: float) -> None:
        """Removes a salt whose day has gone, from the home too. A fixed one stays."""
        day = self._day_of(now)
        if not _is_for(self._day, day):
            self._day = self._salt = ""
        if self._is_daily and self._path.exists() and not self._kept(day):
            # What cannot be removed now is tried again.
            with suppress(OSError), self._lock():
                if not self._kept(day):
                    self._path.unlink(missing_ok=True)

    async def forget_in_time(self) -> None:
        """Forgets each salt within a minute of its day's end, until it is cancelled."""
        while True:
            self.forget(time.time())
            await asyncio.sleep(_LOOKS_AFTER)

    def _day_of(self, now: float) -> str:
        return str(datetime.fromtimestamp(now, UTC).date()) if self._is_daily else _ALWAYS

    def _kept(self, day: str) -> tuple[str, str] | None:
        """The home's salt and its day, if it is for such a day."""
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            kept_day, salt = str(kept["day"]), str(kept["salt"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return (kept_day, salt) if _is_for(kept_day, day) else None

    def _made(self, day: str) -> tuple[str, str]:
        """A new salt, or the one that another collector has written first."""
        salt = secrets.token_hex(32)
        # On a full disk this one is known here alone, until the next start.
        with suppress(OSError), self._lock():
            if kept := self._kept(day):
                return kept
            # The old one goes even where there is no room for another.
            self._path.unlink(missing_ok=True)
            write_json(self._path, {"day": day, "salt": salt})
            self._path.chmod(0o600)
        return day, salt

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Nobody else changes the file meanwhile. OSError where there can be no lock."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _is_for(kept: str, day: str) -> bool:
    """Whether a salt of one day is for another: the next day's also is, for a request that began
    before midnight and a clock that is set back. So no day has a second one.
    """
    if kept == day or not kept or day == _ALWAYS:
        return kept == day
    return kept == str(date.fromisoformat(day) + timedelta(days=1))
