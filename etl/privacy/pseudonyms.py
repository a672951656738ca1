"""Keyed pseudonyms: HMAC-SHA256 of an id, of which the first 128 bits are kept.

Among a thousand million ids two are the same by chance once in 10^21. Without the key nobody can
find an id by trying them all; who has it can.
"""

import hmac
import re

PREFIX = "p_"
_DIGITS = 32
# People come again: so many pseudonyms are held, which takes some 60 MB.
_MOST_HELD = 300_000
_PSEUDONYM = re.compile(rf"{PREFIX}[0-9a-f]{{{_DIGITS}}}")


class Pseudonyms:
    """What ids are called by a key.

    old, known   the key before it, and pseudonyms of that key that stay what they are
    """

    def __init__(
        self, key: bytes, old: bytes | None = None, known: frozenset[str] = frozenset()
    ) -> None:
        self._key = key
        self._old = old if known else None
        self._known = known
        self._made: dict[str, str] = {}

    def of(self, text: str) -> str:
        """The pseudonym of an id; of one that is a pseudonym already, itself."""
        made = self._made.get(text)
        if made is None:
            if len(self._made) >= _MOST_HELD:
                self._made.clear()
            made = self._made[text] = self._new(text)
        return made

    def mark(self, said: bytes) -> str:
        """32 hexadecimal digits of what somebody said, which nobody finds without the key."""
        return hmac.digest(self._key, b"an event: " + said, "sha256").hex()[:_DIGITS]

    def _new(self, text: str) -> str:
        if _PSEUDONYM.fullmatch(text):
            return text
        if self._old is not None and (before := _made(self._old, text)) in self._known:
            return before
        return _made(self._key, text)


def _made(key: bytes, text: str) -> str:
    made = hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256")
    return PREFIX + made.hex()[:_DIGITS]
