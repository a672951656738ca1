"""Who sent a request, as far as events say it: never an address."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


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
    """

    received: float
    user_agent: str | None
    hints: Mapping[str, str]
    referer: str | None
    pseudonym: Callable[[], str]
    new_id: Callable[[], str]
    no_ids: frozenset[str]
