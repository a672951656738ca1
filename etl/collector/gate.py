"""Who may write: keys, origins, limits. Reads no body."""

from collections.abc import Mapping
from typing import Any

from etl.collector.limits import Limit, network_of
from etl.collector.refusal import Refused
from etl.config.collect import Collect, write_keys
from etl.config.hosts import is_loopback
from etl.config.settings import Settings
from etl.config.sources import Source

# Where events belong as long as no source has a key.
OPEN_SOURCE = "web"


class Gate:
    """Lets requests in by the key of their source. Without any key, only those of this machine.

    ConfigError when the keys cannot be told apart, or a variable that one names is not set.
    """

    def __init__(self, settings: Settings) -> None:
        collect: Collect = settings.collect
        self._by_key: Mapping[str, Source] = write_keys(settings.sources)
        named = {source.name: source for source in settings.sources}
        self._open = named.get(OPEN_SOURCE, Source(OPEN_SOURCE))
        self._by_address = Limit(collect.rate_limit)
        self._of_key = Limit(collect.key_rate_limit)

    @property
    def has_keys(self) -> bool:
        """Whether any source has a write key."""
        return bool(self._by_key)

    def source_of(self, key: str | None, address: str, now: float) -> Source:
        """The source that a key is of; the request is counted.

        Refused: 401 without the right key, 403 from elsewhere while there is none, 429 above a
        limit.
        """
        if not self._by_key:
            if not is_loopback(address):
                raise Refused(403, "No write key is configured: only this machine may send.")
            source: Source | None = self._open
        else:
            source = self._by_key.get(key or "")
        self.count(source, address, now)
        if source is None:
            wrong = "The write key is unknown." if key else "There is no write key."
            raise Refused(401, f"{wrong} Send one of dwell.toml as X-Write-Key or ?key=.")
        return source

    def check_origin(self, source: Source, origin: bytes | None) -> None:
        """Refused with 403 when a page of a site asks that the source does not name."""
        if origin is not None and not _may(source, origin):
            raise Refused(403, f"Pages of this site may not send to '{source.name}' (origins).")

    def lets_in(self, key: str | None, origin: bytes) -> bool:
        """Whether pages of a site may ask at all: by the key's source, else by any."""
        source = self._by_key.get(key or "")
        candidates = [source] if source else list(self._by_key.values()) or [self._open]
        return any(_may(one, origin) for one in candidates)

    def count(self, source: Source | None, address: str, now: float) -> None:
        """Counts a request, of a key that is unknown too. Refused with 429 above a limit."""
        name = source.name if source else None
        wait = self._by_address.wait((name, network_of(address)), now)
        if not wait and source:
            wait = self._of_key.wait(name, now)
        if wait:
            raise Refused(429, "Too many requests. Send them again later.", wait)


def _may(source: Any, origin: bytes) -> bool:
    allowed = source.origins
    return not allowed or "*" in allowed or origin.decode("latin-1").lower() in allowed
