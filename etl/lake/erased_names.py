"""Names of people who were erased, in texts that others wrote. Changes no file."""

from collections.abc import Iterable
from typing import Any

from etl.lake.spellings import Places, spelt, words_of
from etl.lake.tombstones import Tombstones


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
        """Whether a value is such an id."""
        word = spelt(word)
        known = self._known.get(word)
        if known is None:
            tombstones = self._tombstones
            known = tombstones.is_user(word) or any(
                tombstones.spans(source, word) for source in self._sources
            )
            self._known[word] = known
        return known

    def are_in(self, text: str) -> bool:
        """Whether one stands in a text (etl/lake/spellings.py)."""
        return any(map(self.is_one, words_of(text)))

    def text(self, text: str) -> str:
        """The text without them."""
        return Places(filter(self.is_one, words_of(text))).without(text)

    def value(self, value: Any) -> Any:
        """What JSON holds, without them."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(name): self.value(inner) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(map(self.value, value))
        return value
