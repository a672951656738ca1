"""Who looked at what: a line for each page, query, file and call, in a file of its day. Never
read by Dwell but by `dwell audit`.

No line holds a name, an id or a value that somebody filtered by. Who it was, and of whom a page
was, stands there by a pseudonym: a hash with the key of the home, the same for the same name. Who
has key and name finds the lines; from a line alone nobody finds the name.
"""

import hmac
import json
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from etl.config.login_names import folded
from etl.config.settings import Settings, load_settings
from etl.errors import DwellError

# Of the server's environment: set where it notes.
AUDITS = "DWELL_AUDITS"
FOLDER = "audit"
# In front of a token's name: somebody may log in by the same name. And in front of a login's that
# begins like one of these itself, so that it is never a token's.
OF_TOKEN, OF_LOGIN = "token:", "login:"
_KEY = "key"
_DAYS = "????-??-??.ndjson"
# An empty or half-written key would give everybody another pseudonym at the next start.
_KEY_BYTES = 32


class Audit:
    """The notes of a home. Files of days that `keep` has gone by since are removed at a new day's
    first line; None keeps all.
    """

    def __init__(self, home: Path, keep: timedelta | None = None):
        self._folder = home / FOLDER
        self._keep = keep
        self._day = ""
        self._key = b""
        self._begin = b""

    @classmethod
    def of(cls, home: Path) -> "Audit":
        """That of a home, which is kept as its dwell.toml says. ConfigError where that is wrong."""
        return cls(home, load_settings(home).serve.audit_keep)

    def note(self, **told: Any) -> None:
        """Adds a line with the time in front. DwellError when it cannot be written whole."""
        now = datetime.now(UTC)
        day = f"{now:%Y-%m-%d}"
        line = json.dumps({"time": f"{now:%Y-%m-%dT%H:%M:%S.%f}Z"} | told, ensure_ascii=False)
        data = self._begin + f"{line}\n".encode()
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if day != self._day:
                self._sweep(now)
                self._day = day
            # One write at the end of the file: lines of several servers do not run together.
            file = os.open(
                self._folder / f"{day}.ndjson", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600
            )
            try:
                written = os.write(file, data)
            finally:
                os.close(file)
        except OSError as error:
            raise _unwritten(error.strerror or str(error)) from error
        # The next line must not stand behind half of this one.
        self._begin = b"" if written == len(data) else b"\n"
        if self._begin:
            full = "the disk is full"
            raise _unwritten(full)

    def alias(self, name: str | None) -> str | None:
        """The pseudonym of a user, a session or whatever has a name; None of none.

        DwellError when the home has no key and none can be written.
        """
        if name is None:
            return None
        if not self._key:
            try:
                self._key = self._read_key() or self._make_key()
            except OSError as error:
                raise _unwritten(error.strerror or str(error)) from error
        return _alias(self._key, name)

    def alias_of_login(self, name: str | None) -> str | None:
        """That of who logs in: one, however the provider writes the name, as for roles."""
        return self.alias(name and login_text(name))

    def who(self, token: str | None, roles: Iterable[str]) -> dict[str, Any]:
        """What lines say of a program: who it is, by a token's name, and its roles. Nobody in
        particular, and none, without a token."""
        if token is None:
            return {"who": None, "roles": []}
        return {"who": self.alias(f"{OF_TOKEN}{token}"), "roles": sorted(roles)}

    def known_alias(self, name: str) -> str | None:
        """The pseudonym that lines have for a name; None where no key was ever made.

        DwellError where there is one that cannot be read.
        """
        try:
            key = self._read_key()
        except OSError as error:
            msg = (
                f"Notes cannot be found by a name ({error.strerror or error}). Wanted: the file "
                f"'{_KEY}' in {self._folder}, whole, read by its owner. Run this as the user of "
                "the dashboard, or put the file back from a backup."
            )
            raise DwellError(msg) from error
        return _alias(key, name) if key else None

    def known_alias_of_who(self, who: str) -> str | None:
        """That of a token, by `token:NAME` as it is written in dwell.toml, or of a login by its
        name; by `login:NAME` of one whose name begins so. As known_alias.
        """
        is_token = who.startswith(OF_TOKEN)
        return self.known_alias(who if is_token else login_text(who.removeprefix(OF_LOGIN)))

    def lines(self) -> Iterator[dict[str, Any]]:
        """All that was noted and is kept, oldest first; a line that was cut off is left out."""
        for path in sorted(self._folder.glob(_DAYS)):
            try:
                text = path.read_text("utf-8", errors="replace")
            except FileNotFoundError:
                # Its day has passed, and a dashboard has removed it meanwhile.
                continue
            for line in text.splitlines():
                with suppress(ValueError):
                    noted = json.loads(line)
                    if isinstance(noted, dict):
                        yield noted

    def _read_key(self) -> bytes:
        try:
            key = (self._folder / _KEY).read_bytes()
        except FileNotFoundError:
            return b""
        if len(key) != _KEY_BYTES:
            msg = "its key is cut"
            raise OSError(msg)
        return key

    def _make_key(self) -> bytes:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = self._folder / f".key-{os.getpid()}-{secrets.token_hex(4)}"
        try:
            file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                os.write(file, secrets.token_bytes(_KEY_BYTES))
                os.fsync(file)
            finally:
                os.close(file)
            # Whole or not at all, and never in place of one that is there.
            with suppress(FileExistsError):
                os.link(new, self._folder / _KEY)
        finally:
            new.unlink(missing_ok=True)
        return self._read_key()

    def _sweep(self, now: datetime) -> None:
        if self._keep is None:
            return
        first = f"{now - self._keep:%Y-%m-%d}"
        for path in self._folder.glob(_DAYS):
            if path.stem < first:
                path.unlink(missing_ok=True)


def audit_of_programs(settings: Settings, *, has_others: bool) -> Audit | None:
    """The notes of what programs ask; None where it is not noted. `has_others`: whether others
    than who runs the server ask it, which decides unless [serve] does.
    """
    wanted = settings.serve.audit
    if not (has_others if wanted is None else wanted):
        return None
    return Audit(settings.home, settings.serve.audit_keep)


def login_text(name: str) -> str:
    """What the pseudonym of a login is made of: of no other login, and of no token."""
    text = folded(name)
    return f"{OF_LOGIN}{text}" if text.startswith((OF_TOKEN, OF_LOGIN)) else text


def _alias(key: bytes, name: str) -> str:
    return hmac.new(key, name.encode(), sha256).hexdigest()[:16]


def _unwritten(why: str) -> DwellError:
    return DwellError(
        f"It could not be noted who asks for this ({why}), so it is not shown. Wanted: a home that "
        "the server may write to. Make room there, or set audit = false in [serve]."
    )
