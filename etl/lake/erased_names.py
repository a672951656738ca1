"""Names of people who were erased, in texts that others wrote. Changes no file."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from etl.lake.tombstones import Tombstones, words_of

MARK = "[forgotten]"
# Shorter ids are words and numbers of any text.
_SHORTEST = 3


class Names:
    """Finds and takes out the ids of people who were erased, by the tombstones: so whoever goes on
    with an erasure that was killed need not be told the ids again.

    sources  of the lake: an anonymous id is of one of them
    """

    def __init__(self, tombstones: Tombstones, sources: Iterable[str]) -> None:
        self._tombstones = tombstones
        self._sources = sorted(sources)
        self._known: dict[str, bool] = {}

    def is_one(self, word: str) -> bool:
        """Whether a word is such an id."""
        known = self._known.get(word)
        if known is None:
            tombstones = self._tombstones
            known = len(word) >= _SHORTEST and (
                tombstones.is_user(word) or any(tombstones.spans(s, word) for s in self._sources)
            )
            self._known[word] = known
        return known

    def are_in(self, text: str) -> bool:
        """Whether a text holds one: as a value of JSON, or as a word."""
        return any(map(self.is_one, words_of(text)))

    def text(self, text: str) -> str:
        """The text without them."""
        return without([word for word in words_of(text) if self.is_one(word)], text)

    def value(self, value: Any) -> Any:
        """What JSON holds, without them."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(name): self.value(inner) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(map(self.value, value))
        return value


def without(ids: Sequence[str], text: str) -> str:
    """A text in which a mark stands for these ids, where they are words of their own."""
    words = "|".join(
        re.escape(i) for i in sorted(ids, key=len, reverse=True) if len(i) >= _SHORTEST
    )
    return re.sub(rf"(?<![\w@-])(?:{words})(?![\w@-])", MARK, text) if words else text
