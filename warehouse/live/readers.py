"""Who may read from the collector: by a token, by the read key, or as this machine."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from etl.config.collect import write_keys
from etl.config.hosts import is_loopback
from etl.config.settings import Settings
from warehouse.bearers import CHALLENGE, Bearers, bearer_secret, refuse_keys_of_pages
from warehouse.serving import Visitor

_LOOPBACK_NAMES = (b"127.0.0.1", b"localhost", b"[::1]")
Headers = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Stranger:
    """Who may not read: the status, why, and the headers of the answer."""

    status: int
    text: str
    headers: tuple[tuple[str, str], ...] = ()


class Readers:
    """Tells readers from strangers. `visitors`: who reads by a token, by its name.

    ConfigError when a secret is not there, or is two things."""

    def __init__(self, settings: Settings) -> None:
        self._key = settings.collect.reading_key()
        self._bearers = Bearers(settings)
        self.visitors = self._bearers.visitors
        self._bearers.refuse_shared(self._key, "the read key of [collect]")
        keys = write_keys(settings.sources)
        refuse_keys_of_pages(self._bearers, settings)
        self._has_secret = self._key is not None or bool(self._bearers)
        # Where pages send with a key, a proxy stands before the collector, to which all come from
        # this machine.
        self._is_open = not self._has_secret and not keys

    def reader_of(self, client: str, headers: Headers) -> Visitor | Stranger:
        """Who asks: a reader, or 401 without the right secret, 403 from elsewhere without any."""
        if not self._has_secret:
            return self._of_this_machine(client, headers)
        keys = [value for name, value in headers if name.lower() == b"x-read-key"]
        if keys:
            return Visitor() if len(keys) == 1 and self._is_key(keys[0]) else self._stranger
        if name := self._bearers.name_of(headers):
            return self.visitors[name]
        secret = bearer_secret(headers)
        return Visitor() if secret and self._is_key(secret) else self._stranger

    def _is_key(self, given: bytes) -> bool:
        return self._key is not None and hmac.compare_digest(given, self._key.encode())

    @property
    def _stranger(self) -> Stranger:
        key = "the read key as X-Read-Key, or as a Bearer token"
        token = "a token as Authorization: Bearer"
        wanted = [text for text, there in ((key, self._key), (token, self._bearers)) if there]
        return Stranger(401, f"Wanted: {'; or '.join(wanted)}. dwell.toml has it.", (CHALLENGE,))

    def _of_this_machine(self, client: str, headers: Headers) -> Visitor | Stranger:
        hosts = [value for name, value in headers if name.lower() == b"host"]
        host = hosts[0] if hosts else b""
        # A foreign page may have a name of its own lead here: that is no reader of ours.
        name = host.rpartition(b":")[0] or host
        if self._is_open and is_loopback(client) and name in _LOOPBACK_NAMES:
            return Visitor()
        who = "this machine alone" if self._is_open else "nobody"
        text = (
            f"There is no read key and no token, so that {who} may read. Write read_key below "
            "[collect] in dwell.toml, and send it as X-Read-Key; or a token below [tokens.NAME]."
        )
        return Stranger(403, text)
