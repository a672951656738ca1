"""How many requests a sender may make. Keeps one number of each, and forgets who has been quiet."""

from collections.abc import Hashable
from ipaddress import IPv6Address, ip_address

# Requests may come together that would be allowed one by one in so many seconds.
BURST = 2.0
_MOST_KNOWN = 50_000
# Of seconds since 1970, which are added up.
_ROUNDING = 1e-6


class Limit:
    """At most `rate` requests a second of each sender, and twice as many at once; 0 is no limit."""

    def __init__(self, rate: float) -> None:
        self._each = 1 / rate if rate else 0.0
        # The time until which a sender has used up what it may.
        self._used: dict[Hashable, float] = {}

    def wait(self, sender: Hashable, now: float) -> float:
        """Seconds that the sender has to wait; 0 when its request may be taken, which counts."""
        if not self._each:
            return 0.0
        used = max(self._used.get(sender, now), now) + self._each
        wait = used - now - max(BURST, self._each)
        if wait > _ROUNDING:
            return wait
        if len(self._used) >= _MOST_KNOWN:
            self._forget(now)
        self._used[sender] = used
        return 0.0

    def _forget(self, now: float) -> None:
        self._used = {sender: used for sender, used in self._used.items() if used > now}
        if len(self._used) >= _MOST_KNOWN:
            # So many at once are no visitors. The limit of the key still holds.
            self._used.clear()


def network_of(address: str) -> str:
    """What one sender has of addresses: of IPv6 the network, in which it takes new ones at will."""
    if ":" not in address:
        return address
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return parsed.exploded[:19]
