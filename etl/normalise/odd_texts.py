"""Texts that are not what they seem, looked for in typed rows. Changes none.

Nearly all exports have none of them, and to read each text with care would cost a fifth of a load.
So rows are typed as if there were none; this finds out whether there was one after all, and then
they are typed with care (sql/told_rows.sql).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

# Column of the typed rows → the role that fills it.
_IDS = {
    "given_id": "event_id",
    "user_id": "user_id",
    "anonymous_id": "anonymous_id",
    "tracker_session_id": "tracker_session_id",
    "chat_id": "chat_id",
}
_OTHERS = (
    *("event_type", "page", "page_host", "referrer", "campaign", "browser", "os"),
    *("session_type", "experiment_id", "model_group", "query_type"),
)
# Blanks that are not the plain one, and signs without a width.
_BLANKS = "\t\n\v\f\r \x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
_BLANKS += "\u2007\u2008\u2009\u200a\u200b\u200c\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
_ZEROS = (
    *("0" * count for count in range(1, 33)),
    *("0.0", "0.00", "00000000-0000-0000-0000-000000000000"),
)
# A number with a fraction may have had more digits, or none that tell anything.
_FRACTION = r"^[+-]?\d+\.\d+([eE][+-]?\d+)?$"


class OddTexts:
    """What to look for in a file's rows.

    words     those that say that nothing is known
    prefixes  what the file's maps put before event ids
    """

    def __init__(self, words: Sequence[str], prefixes: Iterable[str]) -> None:
        spellings = {spelt for word in words for spelt in spellings_of(word)}
        self.words = pa.array(sorted(spellings), pa.string())
        ids = spellings | {*_ZEROS}
        self.ids = pa.array(sorted(p + one for p in {"", *prefixes} for one in ids), pa.string())

    def are_in(self, rows: Any, *, has_odd_signs: bool) -> bool:
        """Whether one is in the typed rows, an Arrow table; some of whose records may have signs
        that are no plain text.
        """
        return any(self._tests(rows, has_odd_signs=has_odd_signs))

    def _tests(self, rows: Any, *, has_odd_signs: bool) -> Iterator[bool]:
        columns = {name: rows[name] for name in rows.column_names}
        for name in (*_IDS, *_OTHERS):
            if (texts := columns.get(name)) is not None:
                yield _any(pc.is_in(texts, value_set=self.ids if name in _IDS else self.words))
        for texts in _ids(rows):
            yield _any(pc.starts_with(texts, "{")) or _any(pc.starts_with(texts, "ObjectId("))
            has_point = pc.match_substring(texts, ".")
            if _any(has_point):
                yield _any(pc.match_substring_regex(texts.filter(has_point), _FRACTION))
        if has_odd_signs:
            for name in (*_IDS, *_OTHERS):
                if (texts := columns.get(name)) is not None:
                    yield _any(pc.not_equal(texts, pc.utf8_trim(texts, _BLANKS)))


def fractions_in(rows: Any) -> list[str]:
    """The roles of ids of which one ends as a whole number with a fraction does."""
    return [
        role
        for name, role in _IDS.items()
        if name in rows.column_names
        and (_any(pc.ends_with(rows[name], ".0")) or _any(pc.ends_with(rows[name], ".00")))
    ]


def _ids(rows: Any) -> Iterator[Any]:
    return (rows[name] for name in _IDS if name in rows.column_names)


def _any(are: Any) -> bool:
    return bool(pc.any(are).as_py())


def spellings_of(word: str) -> set[str]:
    """A word that says nothing as programs write it: `null`, `NULL`, `Null`."""
    return {word, word.lower(), word.upper(), word.capitalize(), word.title()}
