"""Who sent a request, as far as events say it: never an address."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256


def plain_mark(said: bytes) -> str:
    """A plain hash: who knows all that an event says can find it by trying."""
    return sha256(said).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Sender:
    """What accepting needs to know of a request beside its body.

    received    seconds since 1970
    user_agent  as received; None without one
    hints       device_type, browser and os as client hints have them, where no user agent is
    referer     the page from which it was made; None where that is not said
    pseudonym   what a sender is called who gives no id
    new_id      makes an id that nothing has had
    no_ids      words that are no id of anything; small letters stand for any
    mark        32 hexadecimal digits of what an event says, by which it is known again
    """

    received: float
    user_agent: str | None
    hints: Mapping[str, str]
    referer: str | None
    pseudonym: Callable[[], str]
    new_id: Callable[[], str]
    no_ids: frozenset[str]
    mark: Callable[[bytes], str] = plain_mark
