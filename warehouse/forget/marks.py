"""Names of files that a receipt tells of, without ids."""

from collections.abc import Iterable

from etl.lake.spellings import MARK, Places


class Marks:
    """Takes ids out of names. Long ones go also where letters run on, as in export_of_ann@x.org:
    for a receipt it is enough that a name could be hers.
    """

    def __init__(self, ids: Iterable[str]) -> None:
        self._places = Places(ids)
        self._telling = sorted(filter(is_telling, self._places.ids), key=len, reverse=True)

    def marked(self, name: str) -> str:
        """The name with marks for them."""
        name = self._places.without(name)
        for one in self._telling:
            name = name.replace(one, MARK)
        return name

    def are_in(self, content: bytes) -> bool:
        """Whether one of the long ones stands anywhere in bytes."""
        return any(one.encode() in content for one in self._telling)


def is_telling(word: str) -> bool:
    """Whether an id can hardly be a word of others: fewer signs, or letters alone, are one of any
    language.
    """
    return len(word) >= 8 and not word.isalpha()
